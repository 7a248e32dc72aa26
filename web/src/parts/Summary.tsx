// What a booking is about, before anything is asked of its owner: the event, the seats, and what they cost.
import type { JSX } from "preact";
import { seatNames } from "../seatmap/names";
import type { Plan } from "../seatmap/plan";
import type { Booking, EventDetails } from "../types";
import { When, Where } from "./EventFacts";
import { amountOf } from "./Pay";
import { Poster } from "./Poster";

interface Props {
  booking: Booking;
  event: EventDetails | null;
  plan: Plan | null;
}

export function Summary({ booking, event, plan }: Props): JSX.Element | null {
  if (!event) return null;
  const seats = booking.seat_ids?.length ? seatNames(plan, booking.seat_ids) : "";
  const amount = amountOf(booking, plan);
  return (
    <section class="summary">
      <div class="summary-poster">
        <Poster id={event.production_id ?? event.event_id} kind={event.kind} />
      </div>
      <div>
        <h2>{event.name}</h2>
        <p class="facts">
          <When event={event} />
          <Where event={event} />
        </p>
        {seats && (
          <p>
            <strong>{seats}</strong>
            {amount && ` · ${amount}`}
          </p>
        )}
      </div>
    </section>
  );
}
