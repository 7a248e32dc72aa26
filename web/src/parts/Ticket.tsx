// The tickets of a confirmed booking, one a seat: its code large enough for any scanner, larger when it is tapped, to print
// and for the calendar. Black on white in any theme: scanners want it so.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../api";
import type { Plan } from "../seatmap/plan";
import { seatNames } from "../seatmap/names";
import type { Booking, EventDetails } from "../types";
import { t, tn } from "../words";
import { When, Where } from "./EventFacts";
import { Icon } from "./Icon";
import { Notice } from "./Notice";
import { Summary } from "./Summary";

interface Code {
  box: string;
  path: string;
}

/** The codes of a booking's seats in their order, from the API's own drawing: a code is drawn in one place alone. */
async function codesOf(booking: Booking, signal: AbortSignal): Promise<Code[]> {
  const { body } = await ask<string>(`/api/bookings/${booking.booking_id}/ticket?format=svg`, { signal });
  const drawn = [...new DOMParser().parseFromString(body, "image/svg+xml").querySelectorAll("svg svg")];
  const codes = drawn.map((one) => ({ box: one.getAttribute("viewBox") ?? "", path: one.querySelector("path")?.getAttribute("d") ?? "" }));
  if (codes.length !== booking.seat_ids?.length) throw new Error("the drawing has other seats than the booking");
  return codes;
}

interface Props {
  booking: Booking;
  event: EventDetails | null;
  plan: Plan | null;
}

export function Ticket({ booking, event, plan }: Props): JSX.Element {
  const path = `/api/bookings/${booking.booking_id}`;
  const seats = booking.seat_ids ?? [];
  const [turn, again] = useState(0);
  const [codes, set] = useState<Code[] | null | undefined>(undefined);
  const [large, enlarge] = useState<number | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    set(undefined);
    enlarge(null);
    codesOf(booking, gone.signal).then(set, () => gone.signal.aborted || set(null));
    return () => gone.abort();
    // A new version may have fewer seats.
  }, [booking.booking_id, booking.version, turn]);
  return (
    <div class="tickets">
      {!codes && <Summary {...{ booking, event, plan }} />}
      {codes === null && (
        <Notice tone="warn" title={t("ticket.away")}>
          <button type="button" class="button small" onClick={() => again(turn + 1)}>
            {t("problem.again")}
          </button>
        </Notice>
      )}
      {codes && (
        <ul class="ticket-list">
          {seats.map((seat, at) => (
            <li key={seat} class="ticket">
              <button type="button" class="ticket-code" aria-label={t("ticket.large", { seat: seatNames(plan, [seat]) })} onClick={() => enlarge(at)}>
                <QrCode code={codes[at]!} name={t("ticket.alt", { seat: seatNames(plan, [seat]) })} />
              </button>
              <div class="ticket-words">
                <strong class="ticket-seat">{seatNames(plan, [seat])}</strong>
                {event && (
                  <>
                    <strong>{event.name}</strong>
                    <When event={event} />
                    <Where event={event} />
                  </>
                )}
                <details>
                  <summary>{t("ticket.byHand")}</summary>
                  <p>
                    {t("booking.id")} <code>{booking.booking_id}</code>, {t("ticket.seat")} <code>{seat}</code>
                  </p>
                </details>
              </div>
            </li>
          ))}
        </ul>
      )}
      {codes && large !== null && seats[large] && <Large code={codes[large]!} name={seatNames(plan, [seats[large]])} close={() => enlarge(null)} />}
      <div class="row">
        <a class="button" href={`${path}/ticket?format=pdf`} download={`ticket-${booking.booking_id}.pdf`}>
          <Icon name="download" />
          {tn("ticket.pdf", seats.length)}
        </a>
        <a class="button" href={`${path}/calendar`} download={`${booking.booking_id}.ics`}>
          <Icon name="calendar" />
          {t("ticket.calendar")}
        </a>
      </div>
    </div>
  );
}

function QrCode({ code, name }: { code: Code; name: string }): JSX.Element {
  return (
    <svg class="ticket-picture" viewBox={code.box} shape-rendering="crispEdges" role="img" aria-label={name}>
      <path d={code.path} />
    </svg>
  );
}

/** One code over the whole screen, until it is tapped again: closed as a dialog is, so that the focus goes back to where it was. */
function Large({ code, name, close }: { code: Code; name: string; close: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="ticket-over" aria-label={name} onClose={close} onClick={() => dialog.current?.close()}>
      <QrCode code={code} name={t("ticket.alt", { seat: name })} />
      <p>{name}</p>
      <button type="button" class="button">
        {t("ticket.close")}
      </button>
    </dialog>
  );
}
