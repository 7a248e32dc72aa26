// An organiser's events.
import type { JSX } from "preact";
import { day, time } from "../format";
import { Left } from "../parts/EventFacts";
import { Icon } from "../parts/Icon";
import { Loading, Trouble } from "../parts/Notice";
import { Poster } from "../parts/Poster";
import { Title } from "../parts/Shell";
import { useAsked } from "../parts/useAsked";
import type { EventSummary } from "../types";
import { t } from "../words";

export function Organise(): JSX.Element {
  const { body, error, again } = useAsked<EventSummary[]>("/api/accounts/me/events?limit=200");
  return (
    <section class="mine">
      <div class="head-row">
        <Title tab={t("nav.organise")}>{t("organise.title")}</Title>
        <a class="button primary" href="/organise/new">
          <Icon name="plus" />
          {t("organise.new")}
        </a>
      </div>
      {error !== null && <Trouble error={error} again={again} />}
      {!body && error === null && <Loading />}
      {body?.length === 0 && (
        <div class="empty">
          <Icon name="calendar" size={40} />
          <p>
            <strong>{t("organise.none")}</strong>
          </p>
          <p class="soft">{t("organise.noneNext")}</p>
        </div>
      )}
      <ul class="bookings">
        {body?.map((event) => (
          <li key={event.event_id}>
            <a class="booking-row" href={`/organise/${event.event_id}`}>
              <span class="booking-poster">
                <Poster id={event.production_id ?? event.event_id} kind={event.kind} />
              </span>
              <span class="booking-words">
                <strong>{event.name}</strong>
                <span class="soft">
                  {day(event.date, event.time_zone)}, {time(event.date, event.time_zone)} · {event.venue}
                </span>
              </span>
              <Left event={event} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
