// The ticket of a confirmed booking: its QR code on the screen, to print and for the calendar.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Plan } from "../seatmap/plan";
import { seatNames } from "../seatmap/names";
import type { Booking } from "../types";
import { t } from "../words";
import { Icon } from "./Icon";
import { Notice } from "./Notice";

export function Ticket({ booking, plan }: { booking: Booking; plan: Plan | null }): JSX.Element {
  const path = `/api/bookings/${booking.booking_id}`;
  // The drawing says which of a booking's seats are still its: a new version is a new picture.
  const picture = `${path}/ticket?format=svg&v=${booking.version}`;
  const [turn, again] = useState(0);
  const [failed, fail] = useState(false);
  return (
    <div class="ticket">
      {failed ? (
        <Notice tone="warn" title={t("ticket.away")}>
          <button
            type="button"
            class="button small"
            onClick={() => {
              fail(false);
              again(turn + 1);
            }}
          >
            {t("problem.again")}
          </button>
        </Notice>
      ) : (
        <img
          class="ticket-picture"
          src={turn ? `${picture}.${turn}` : picture}
          alt={t("ticket.alt", { seats: seatNames(plan, booking.seat_ids ?? []) })}
          onError={() => fail(true)}
        />
      )}
      <div class="row">
        <a class="button" href={`${path}/ticket?format=pdf`} download={`ticket-${booking.booking_id}.pdf`}>
          <Icon name="download" />
          {t("ticket.pdf")}
        </a>
        <a class="button" href={`${path}/calendar`} download={`${booking.booking_id}.ics`}>
          <Icon name="calendar" />
          {t("ticket.calendar")}
        </a>
      </div>
    </div>
  );
}
