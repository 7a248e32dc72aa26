// One's bookings, the newest first: an account's from the API, on every device the same; a guest's from what this browser
// remembers of them. Signing in takes nothing from sight: what was booked here without an account stands below.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, get } from "../api";
import { remembered } from "../attempts";
import { minutes, shortDay, time } from "../format";
import { Icon } from "../parts/Icon";
import { Loading, Notice, Trouble } from "../parts/Notice";
import { Poster } from "../parts/Poster";
import { Title } from "../parts/Shell";
import { useSecondsUntil } from "../parts/clock";
import { signedIn } from "../person";
import { seatNames } from "../seatmap/names";
import { planOf, type Plan } from "../seatmap/plan";
import type { Booking, BookingStatus, EventSummary, Layout } from "../types";
import { t, tn, tOr, type Key } from "../words";

const PAGE = 20;
/** Halls up to this size are asked for, so that seats are called as on their map; of larger ones they are counted. */
const MAX_NAMED_SEATS = 5_000;
const FILTERS: ("" | BookingStatus)[] = ["", "confirmed", "held", "cancelled"];

export function Mine(): JSX.Element {
  const guests = useGuests();
  return (
    <section class="mine">
      <Title tab={t("mine.title")}>{t("mine.title")}</Title>
      {signedIn.value && <Accounts alone={guests?.length === 0} />}
      <Guests bookings={guests} />
    </section>
  );
}

/** ``alone``: nothing stands below it, so that it is said when there is nothing at all. */
function Accounts({ alone }: { alone: boolean }): JSX.Element {
  const [status, setStatus] = useState<"" | BookingStatus>("");
  const [page, set] = useState<{ bookings: Booking[]; next: string | null } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async (path: string, before: Booking[], signal?: AbortSignal): Promise<void> => {
    setError(null);
    try {
      const answer = await ask<Booking[]>(path, signal ? { signal } : {});
      const link = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get("link") ?? "")?.[1] ?? null;
      set({ bookings: [...before, ...answer.body], next: link && new URL(link, location.href).pathname + new URL(link, location.href).search });
    } catch (problem) {
      if (!signal?.aborted) setError(problem);
    }
  };
  const first = `/api/bookings?limit=${PAGE}${status ? `&status=${status}` : ""}`;
  useEffect(() => {
    const gone = new AbortController();
    set(null);
    void load(first, [], gone.signal);
    return () => gone.abort();
  }, [first]);
  return (
    <>
      <div class="kinds" role="group" aria-label={t("mine.filter")}>
        {FILTERS.map((one) => (
          <button type="button" class="chip" aria-pressed={status === one} onClick={() => setStatus(one)}>
            {one ? t(`status.${one}` as Key) : t("mine.all")}
          </button>
        ))}
      </div>
      {error !== null && <Trouble error={error} again={() => void load(first, [])} />}
      {!page && error === null && <Loading />}
      {page && (page.bookings.length > 0 || alone || status) && <Bookings bookings={page.bookings} />}
      {page?.next && (
        <button type="button" class="button" onClick={() => void load(page.next!, page.bookings)}>
          {t("mine.more")}
        </button>
      )}
    </>
  );
}

/** The bookings that were asked for here without an account; null while they are not known. */
function useGuests(): Booking[] | null {
  const [bookings, set] = useState<Booking[] | null>(null);
  useEffect(() => {
    let gone = false;
    // What is no longer there, or is away, is left out: the others are shown all the same.
    const mine = remembered().filter((one) => one.guest);
    const asked = mine.map(({ bookingId }) => get<Booking>(`/api/bookings/${bookingId}`).catch(() => null));
    void Promise.all(asked).then((found) => !gone && set(found.filter((one) => one !== null)));
    return () => {
      gone = true;
    };
  }, []);
  return bookings;
}

function Guests({ bookings }: { bookings: Booking[] | null }): JSX.Element | null {
  if (signedIn.value)
    return bookings?.length ? (
      <>
        <h2>{t("mine.here")}</h2>
        <Bookings bookings={bookings} />
      </>
    ) : null;
  return (
    <>
      <Notice title={t("mine.guest")}>
        <p>{t("mine.guestNext")}</p>
        <a class="button small" href="/sign-in">
          {t("nav.signIn")}
        </a>
      </Notice>
      {bookings ? <Bookings bookings={bookings} /> : <Loading />}
    </>
  );
}

function Bookings({ bookings }: { bookings: Booking[] }): JSX.Element {
  const events = useEvents(bookings);
  const plans = usePlans(bookings, events);
  if (!bookings.length)
    return (
      <div class="empty">
        <Icon name="ticket" size={40} />
        <p>
          <strong>{t("mine.none")}</strong>
        </p>
        <p class="soft">{t("mine.noneNext")}</p>
        <a class="button primary" href="/">
          {t("find.all")}
        </a>
      </div>
    );
  return (
    <ul class="bookings">
      {bookings.map((booking) => (
        <li key={booking.booking_id}>
          <Row booking={booking} event={events.get(booking.event_id ?? "")} plan={plans.get(booking.event_id ?? "")} />
        </li>
      ))}
    </ul>
  );
}

/** The events of bookings: the list has most of them at once, and what is over or further back is asked for by itself. */
function useEvents(bookings: Booking[]): Map<string, EventSummary> {
  const [events, set] = useState(new Map<string, EventSummary>());
  const ids = [...new Set(bookings.flatMap((booking) => booking.event_id ?? []))].sort();
  useEffect(() => {
    let gone = false;
    const know = (more: EventSummary[]): void => {
      if (!gone) set((before) => new Map([...before, ...more.map((event) => [event.event_id, event] as const)]));
    };
    const ask = async (): Promise<void> => {
      const listed = await get<EventSummary[]>("/api/events").catch(() => []);
      know(listed);
      const missing = ids.filter((id) => !listed.some((event) => event.event_id === id));
      // Whatever is not told is shown by its event's id.
      for (const id of missing) get<EventSummary>(`/api/events/${id}`).then((event) => know([event]), () => undefined);
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [ids.join(" ")]);
  return events;
}

function usePlans(bookings: Booking[], events: Map<string, EventSummary>): Map<string, Plan> {
  const [plans, set] = useState(new Map<string, Plan>());
  const ids = [...new Set(bookings.flatMap((one) => (one.seat_ids?.length ? (one.event_id ?? []) : [])))];
  const named = ids.filter((id) => (events.get(id)?.seats_total ?? Infinity) <= MAX_NAMED_SEATS).sort();
  useEffect(() => {
    let gone = false;
    for (const id of named)
      get<Layout>(`/api/events/${id}/layout`).then(
        (layout) => {
          const plan = planOf(layout, events.get(id)!.kind);
          if (!gone && plan) set((before) => new Map(before).set(id, plan));
        },
        () => undefined, // seats are counted then
      );
    return () => {
      gone = true;
    };
  }, [named.join(" ")]);
  return plans;
}

/** How long a hold lasts, and as long as it does, the way to pay. */
function HeldFor({ until }: { until: string | null }): JSX.Element {
  const left = useSecondsUntil(until);
  return (
    <>
      <span class="tag tag-warn held-for">{left > 0 ? t("mine.left", { time: minutes(left) }) : t("mine.over")}</span>
      {left > 0 && <span class="button primary small">{t("mine.pay")}</span>}
    </>
  );
}

function Row({ booking, event, plan }: { booking: Booking; event: EventSummary | undefined; plan: Plan | undefined }): JSX.Element {
  const seats = booking.seat_ids ?? [];
  return (
    <a class="booking-row" href={`/bookings/${booking.booking_id}`}>
      <span class="booking-poster">
        <Poster id={event?.production_id ?? booking.event_id ?? ""} kind={event?.kind ?? "other"} />
      </span>
      <span class="booking-words">
        <strong>{event?.name ?? booking.event_id ?? booking.booking_id}</strong>
        {event && (
          <span class="soft">
            {shortDay(event.date, event.time_zone)}, {time(event.date, event.time_zone)} · {event.venue}
          </span>
        )}
        {seats.length > 0 && <span class="soft">{plan ? seatNames(plan, seats) : tn("pick.count", seats.length)}</span>}
      </span>
      {booking.status === "held" ? (
        <HeldFor until={booking.expires_at} />
      ) : (
        <span class={`tag tag-${TONES[booking.status] ?? "none"}`}>{tOr(`status.${booking.status}`, "booking.title")}</span>
      )}
    </a>
  );
}

const TONES: Partial<Record<BookingStatus, string>> = { confirmed: "good", paying: "warn", rejected: "bad", failed: "bad" };
