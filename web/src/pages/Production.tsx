// A production: a movie with its showtimes, a train line with its services, day by day.
import type { JSX } from "preact";
import { day, duration, time } from "../format";
import { Left } from "../parts/EventFacts";
import { Loading, Trouble } from "../parts/Notice";
import { Poster } from "../parts/Poster";
import { Title } from "../parts/Shell";
import { useAsked } from "../parts/useAsked";
import type { EventSummary, ProductionWithEvents } from "../types";
import { t } from "../words";

export function Production({ id }: { id: string }): JSX.Element {
  const { body, error, again } = useAsked<ProductionWithEvents>(`/api/productions/${encodeURIComponent(id)}`);
  if (error !== null && !body) return <Trouble error={error} again={again} />;
  if (!body) return <Loading />;
  const days = new Map<string, EventSummary[]>();
  for (const event of body.events) {
    const on = day(event.date, event.time_zone);
    days.set(on, [...(days.get(on) ?? []), event]);
  }
  return (
    <article class="production">
      <div class="banner">
        <Poster id={body.production_id} kind={body.kind} />
        <div class="banner-words">
          <p class="card-kind">{t(`kind.${body.kind}`)}</p>
          <Title tab={body.name}>{body.name}</Title>
        </div>
      </div>
      {[...days].map(([on, events]) => (
        <section class="day">
          <h2>{on}</h2>
          <ul class="showings">
            {events.map((event) => (
              <li key={event.event_id}>
                <Showing event={event} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </article>
  );
}

function Showing({ event }: { event: EventSummary }): JSX.Element {
  return (
    <a class="showing" href={`/events/${event.event_id}`}>
      <strong class="showing-time">
        {time(event.departure ?? event.date, event.time_zone)}
        {event.arrival && ` – ${time(event.arrival, event.time_zone)}`}
      </strong>
      <span class="showing-where">
        {event.origin && event.destination ? `${event.origin} → ${event.destination}` : event.venue}
        {event.departure && event.arrival && ` · ${duration(event.departure, event.arrival)}`}
      </span>
      <Left event={event} />
    </a>
  );
}
