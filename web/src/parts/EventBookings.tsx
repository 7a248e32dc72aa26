// An event's bookings, for its organiser: found by a name, a seat or an id; each can be cancelled; all can be exported.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { command } from "../commands";
import { moment } from "../format";
import { seatNames } from "../seatmap/names";
import type { Plan } from "../seatmap/plan";
import type { Booking } from "../types";
import { t, tOr } from "../words";
import { Icon } from "./Icon";
import { Loading, Trouble } from "./Notice";
import { useAsked } from "./useAsked";

const TYPING_MS = 250;
const SHOWN = 50;
const OVER = new Set(["rejected", "failed", "cancelled", "expired"]);

interface EventBooking extends Booking {
  principal: string | null;
}

export function EventBookings({ path, plan, eventId }: { path: string; plan: Plan | null; eventId: string }): JSX.Element {
  const [q, setQ] = useState("");
  const [error, setError] = useState<unknown>(null);
  const typing = useRef(0);
  const found = useAsked<EventBooking[]>(`${path}/bookings?limit=${SHOWN}${q ? `&q=${encodeURIComponent(q)}` : ""}`);
  const cancel = async (booking: EventBooking): Promise<void> => {
    setError(null);
    try {
      await command(`/api/bookings/${booking.booking_id}`, { method: "DELETE" });
      found.again();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="panel" aria-label={t("watch.bookings")}>
      <div class="head-row">
        <label class="field grow">
          <span>{t("watch.find")}</span>
          <input
            type="search"
            maxLength={64}
            placeholder={t("watch.findHelp")}
            onInput={(event) => {
              const wanted = event.currentTarget.value.trim();
              clearTimeout(typing.current);
              typing.current = window.setTimeout(() => setQ(/^[A-Za-z0-9._~-]*$/.test(wanted) ? wanted : ""), TYPING_MS);
            }}
          />
        </label>
        <a class="button" href={`${path}/bookings.csv`} download={`${eventId}-bookings.csv`}>
          <Icon name="download" />
          {t("watch.export")}
        </a>
      </div>
      {error !== null && <Trouble error={error} />}
      {found.error !== null && !found.body && <Trouble error={found.error} again={found.again} />}
      {!found.body && found.error === null && <Loading />}
      {found.body?.length === 0 && <p class="soft">{t(q ? "watch.noneFound" : "watch.noneYet")}</p>}
      {found.body && found.body.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label={t("watch.found")}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{t("booking.seats")}</th>
                <th scope="col">{t("watch.who")}</th>
                <th scope="col">{t("watch.state")}</th>
                <th scope="col">{t("watch.when")}</th>
                <th scope="col">
                  <span class="hidden">{t("watch.cancel")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {found.body.map((booking) => (
                <tr key={booking.booking_id}>
                  <th scope="row">
                    {seatNames(plan, booking.seat_ids ?? []) || "–"}
                    <code class="soft">{booking.booking_id}</code>
                  </th>
                  <td>{booking.user_id ?? t("watch.guest")}</td>
                  <td>
                    {tOr(`status.${booking.status}`, "booking.title")}
                    {booking.reason && <span class="soft"> · {tOr(`refused.${booking.reason}`, "reason.unknown", { reason: booking.reason })}</span>}
                  </td>
                  <td>{booking.decided_at ? moment(booking.decided_at) : ""}</td>
                  <td>
                    {!OVER.has(booking.status) && (
                      <button type="button" class="button small" onClick={() => void cancel(booking)}>
                        {t("watch.cancel")}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
