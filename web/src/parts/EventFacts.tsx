// What is said of an event wherever it appears: when, where, and honestly how many seats are left.
import type { JSX } from "preact";
import { count, day, duration, shortDay, time } from "../format";
import type { EventSummary } from "../types";
import { t, tn } from "../words";
import { Icon } from "./Icon";
import { serverNow } from "./clock";

/** A hall is told to be nearly full below this part of its seats, and always below this many. */
const FEW_PART = 0.08;
const FEW = 12;

export function fewLeft(event: Pick<EventSummary, "seats_available" | "seats_total">): boolean {
  return event.seats_available <= Math.max(FEW, event.seats_total * FEW_PART) && event.seats_available < event.seats_total / 2;
}

export type Sale = "open" | "closed" | "cancelled" | "not yet" | "over";

export function saleOf(event: EventSummary): Sale {
  if (event.status === "cancelled") return "cancelled";
  if (event.on_sale_at && Date.parse(event.on_sale_at) > serverNow()) return "not yet";
  if (event.off_sale_at && Date.parse(event.off_sale_at) <= serverNow()) return "over";
  if (event.status === "closed") return "closed";
  return "open";
}

export function Left({ event }: { event: EventSummary }): JSX.Element {
  const sale = saleOf(event);
  if (sale === "cancelled") return <span class="tag tag-bad">{t("sale.cancelled")}</span>;
  if (sale === "not yet")
    return (
      <span class="tag">
        {t("sale.opens", { when: `${shortDay(event.on_sale_at!, event.time_zone)}, ${time(event.on_sale_at!, event.time_zone)}` })}
      </span>
    );
  if (sale !== "open") return <span class="tag">{t(sale === "over" ? "sale.over" : "sale.closed")}</span>;
  if (event.seats_available === 0) return <span class="tag tag-bad">{t("left.none")}</span>;
  if (fewLeft(event)) return <span class="tag tag-warn">{tn("left.few", event.seats_available)}</span>;
  return <span class="tag tag-good">{tn("left.many", event.seats_available, { count: count(event.seats_available) })}</span>;
}

export function When({ event }: { event: EventSummary }): JSX.Element {
  const { departure, arrival, time_zone: zone } = event;
  return (
    <span class="fact">
      <Icon name="calendar" size={18} />
      <time dateTime={event.date}>
        {day(event.date, zone)}, {time(event.date, zone)}
      </time>
      {departure && arrival && (
        <span>
          {" → "}
          {time(arrival, zone)} ({duration(departure, arrival)})
        </span>
      )}
    </span>
  );
}

export function Where({ event }: { event: EventSummary }): JSX.Element {
  const way = event.origin && event.destination ? `${event.origin} → ${event.destination}` : null;
  const place = event.place && !event.venue.includes(event.place) ? `${event.venue}, ${event.place}` : event.venue;
  return (
    <span class="fact">
      <Icon name="place" size={18} />
      <span>{way ?? place}</span>
    </span>
  );
}
