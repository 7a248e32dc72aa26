// An event: its hall, live, and the seats that somebody is about to ask for. What is picked here is only a wish; whether it
// is theirs is decided by the platform (attempts.ts). What is taken while they choose is said at once, with another seat.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { begin } from "../attempts";
import { get, Problem } from "../api";
import { count, money, shortDay, time } from "../format";
import { follow, type Liveness } from "../live";
import { Left, saleOf, When, Where } from "../parts/EventFacts";
import { Loading, Notice, Trouble } from "../parts/Notice";
import { Poster } from "../parts/Poster";
import { Title } from "../parts/Shell";
import { Best } from "../parts/Best";
import { Basket } from "../parts/Basket";
import { Legend } from "../parts/Legend";
import { useAsked } from "../parts/useAsked";
import { ONE_COLUMN, useMedia } from "../parts/useMedia";
import { useOwn } from "../parts/useOwn";
import { Hall } from "../seatmap/hall";
import { planOf, type Plan, type Price } from "../seatmap/plan";
import { seatName, sectionName } from "../seatmap/names";
import { SeatList } from "../seatmap/SeatList";
import { SeatMap } from "../seatmap/SeatMap";
import { salePainter } from "../seatmap/painters";
import type { Availability, Booking, EventDetails, EventMessage, Layout } from "../types";
import { t } from "../words";

export const MOST_SEATS = 10;

export function EventPage({ id }: { id: string }): JSX.Element {
  const path = `/api/events/${encodeURIComponent(id)}`;
  const asked = useAsked<EventDetails>(path);
  if (!asked.body) return asked.error !== null ? <Missing error={asked.error} again={asked.again} /> : <Loading />;
  return <EventScreen first={asked.body} path={path} />;
}

function Missing({ error, again }: { error: unknown; again: () => void }): JSX.Element {
  const gone = error instanceof Problem && error.slug === "not-found";
  return (
    <>
      {gone ? <Title tab={t("missing.title")}>{t("reason.unknown_event")}</Title> : <Trouble error={error} again={again} />}
      {gone && (
        <p>
          <a class="button" href="/">
            {t("find.all")}
          </a>
        </p>
      )}
    </>
  );
}

function EventScreen({ first, path }: { first: EventDetails; path: string }): JSX.Element {
  const [event, setEvent] = useState(first);
  const [hall, setHall] = useState<Hall | null>(null);
  const [plan, setPlan] = useState<Plan | null | undefined>(undefined);
  const [failed, setFailed] = useState<unknown>(null);
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  const [picked, setPicked] = useState<number[]>([]);
  const [lost, setLost] = useState<number[]>([]);
  const [tooMany, setTooMany] = useState(false);
  const [section, setSection] = useState("");
  const now = useRef({ picked, hall });
  now.current = { picked, hall };
  const most = Math.min(MOST_SEATS, event.max_seats_per_user ?? MOST_SEATS);

  useEffect(() => {
    let gone = false;
    Promise.all([get<Layout>(`${path}/layout`), get<Availability>(`${path}/availability`)]).then(
      ([layout, availability]) => {
        if (gone) return;
        const made = planOf(layout, event.kind);
        setPlan(made);
        if (made) setHall(new Hall(made, availability));
      },
      (error: unknown) => !gone && setFailed(error),
    );
    return () => {
      gone = true;
    };
  }, [path]);

  useEffect(() => {
    const followed = follow<EventMessage>(`${path}/stream`, (_, message) => {
      setEvent((before) => ({ ...before, ...message.event }));
      const { hall: here, picked: mine } = now.current;
      if (!here) return;
      const gone = new Set(here.take(message));
      const taken = mine.filter((seat) => gone.has(seat));
      if (!taken.length) return;
      const left = mine.filter((seat) => !gone.has(seat));
      setPicked(left);
      setLost((before) => [...before, ...taken]);
    });
    const unsubscribe = followed.liveness.subscribe(setLiveness);
    return () => {
      unsubscribe();
      followed.stop();
    };
  }, [path, hall]);

  const choose = (seats: number[]): void => {
    setTooMany(false);
    setLost([]);
    setPicked(seats);
  };
  const toggle = (seat: number): void => {
    if (picked.includes(seat)) return choose(picked.filter((one) => one !== seat));
    if (!hall?.isFree(seat)) return;
    if (picked.length >= most) return setTooMany(true);
    choose([...picked, seat]);
  };

  const sale = saleOf(event);
  const open = sale === "open";
  const ask = (body: Record<string, unknown>): void => begin(event.event_id, body);
  const own = useOwn(event.event_id);
  const brief = useMedia(ONE_COLUMN);
  const best = open && (
    <Best {...{ event, plan: plan ?? null, most, section, setSection, brief }} free={hall?.free.value ?? null} ask={ask} />
  );
  return (
    <article class="event">
      <header class="event-head">
        <div class="event-poster">
          <Poster id={event.production_id ?? event.event_id} kind={event.kind} />
        </div>
        <div class="event-words">
          <p class="card-kind">{t(`kind.${event.kind}`)}</p>
          <Title tab={event.name}>{event.name}</Title>
          <p class="facts">
            <When event={event} />
            <Where event={event} />
            {plan && <Prices plan={plan} />}
            <Left event={event} />
          </p>
          {event.description && <p class="about">{event.description}</p>}
        </div>
      </header>
      {!open && <Closed event={event} />}
      {failed !== null && <Trouble error={failed} again={() => location.reload()} />}
      <div class="event-body">
        {brief && best}
        <section class="hall" aria-label={t("event.seats")}>
          {plan === undefined && failed === null && <Loading />}
          {plan === null && (
            <Notice title={t("event.tooLarge")} />
          )}
          {plan && hall && (
            <Seats
              {...{ plan, hall, picked, own, toggle, event, liveness }}
              area={(index) => setSection(plan.sections[index]!.section)}
            />
          )}
        </section>
        <aside class="side" aria-label={t("nav.mine")}>
          {plan && hall && (
            <Basket
              {...{ plan, hall, picked, lost, event, own, open, most, tooMany, choose }}
              remove={(seat) => choose(picked.filter((one) => one !== seat))}
              ask={() => ask({ seat_ids: picked.map((seat) => plan.seats[seat]!.id), offer: true })}
            />
          )}
          {!brief && best}
        </aside>
      </div>
    </article>
  );
}

/** What seats cost, from the least on; that they cost nothing is said too. */
function Prices({ plan }: { plan: Plan }): JSX.Element {
  const least = plan.prices.reduce<Price | null>((low, price) => (low && low.minor <= price.minor ? low : price), null);
  if (!least) return <strong>{t("price.none")}</strong>;
  const amount = money(least.minor, least.currency);
  return <strong>{plan.prices.some((price) => price.minor !== least.minor) ? t("price.from", { amount }) : amount}</strong>;
}

function Closed({ event }: { event: EventDetails }): JSX.Element {
  switch (saleOf(event)) {
    case "cancelled":
      return (
        <Notice tone="bad" title={t("sale.cancelled")}>
          <p>{t("sale.cancelledNext")}</p>
        </Notice>
      );
    case "not yet":
      return (
        <Notice
          title={t("sale.opens", {
            when: `${shortDay(event.on_sale_at!, event.time_zone)}, ${time(event.on_sale_at!, event.time_zone)}`,
          })}
        >
          <p>{t("sale.opensNext")}</p>
        </Notice>
      );
    case "over":
      return <Notice title={t("sale.over")} />;
    default:
      return (
        <Notice title={t("sale.closed")}>
          <p>{t("sale.closedNext")}</p>
        </Notice>
      );
  }
}

interface SeatsProps {
  plan: Plan;
  hall: Hall;
  picked: number[];
  own: Booking[];
  toggle: (seat: number) => void;
  area: (section: number) => void;
  event: EventDetails;
  liveness: Liveness;
}

function Seats({ plan, hall, picked, own: bookings, toggle, area, event, liveness }: SeatsProps): JSX.Element {
  const [asList, setAsList] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const dark = useMedia("(prefers-color-scheme: dark)");
  const revision = hall.revision.value;
  // A seat that the hall tells to be free is not one's own any more, whatever was known of the booking.
  const own = useMemo(() => {
    const seats = bookings.flatMap((one) => one.seat_ids ?? []).flatMap((id) => plan.byId.get(id) ?? []);
    return new Set(seats.filter((seat) => !hall.isFree(seat)));
  }, [bookings, plan, hall, revision]);
  const painter = useMemo(() => salePainter(document.documentElement, plan, hall, new Set(picked), own), [plan, hall, picked, own, dark]);
  const describe = (seat: number): { title: string; detail: string } => {
    const { price, accessible } = plan.seats[seat]!;
    const other = own.has(seat) ? "event.own" : hall.status[seat] === 1 ? "event.held" : "event.booked";
    const state = picked.includes(seat) ? t("event.picked") : hall.isFree(seat) ? "" : t(other);
    const cost = price < 0 ? "" : `${plan.prices[price]!.named ? `${sectionName(plan.prices[price]!.labels[0]!)} · ` : ""}${money(plan.prices[price]!.minor, plan.prices[price]!.currency)}`;
    return {
      title: seatName(plan, seat),
      detail: [state || cost || t("price.none"), accessible ? t("seat.accessible") : ""].filter(Boolean).join(", "),
    };
  };
  const free = hall.free.value;
  const words = {
    mark: (what: string) => (what === "stage" ? t("map.stage") : what === "screen" ? t("map.screen") : what === "pitch" ? t("map.pitch") : t("map.aisle")),
    area: (section: number) => {
      const { section: name, general_admission: general } = plan.sections[section]!;
      return { title: sectionName(name), detail: t(general ? "map.standing" : "map.places", { free: count(free.get(name) ?? 0) }) };
    },
  };
  return (
    <div class="seats" ref={frame}>
      <div class="seats-bar">
        <div class="segmented" role="group" aria-label={t("event.view")}>
          <button type="button" aria-pressed={!asList} onClick={() => setAsList(false)}>
            {t("event.map")}
          </button>
          <button type="button" aria-pressed={asList} onClick={() => setAsList(true)}>
            {t("event.list")}
          </button>
        </div>
        <p class={`pulse pulse-${liveness}`} role="status">
          <span class="pulse-dot" aria-hidden="true" />
          {liveness === "live" ? t("event.live") : liveness === "connecting" ? t("event.connecting") : liveness === "stale" ? t("event.stale") : t("event.lost")}
        </p>
      </div>
      {asList ? (
        <SeatList {...{ plan, hall, picked, own, toggle, revision }} />
      ) : (
        <SeatMap
          {...{ plan, painter, words, describe, revision }}
          label={t("map.label", { name: event.name })}
          onPick={toggle}
          onPickArea={area}
        />
      )}
      <Legend plan={plan} own={own.size > 0} />
    </div>
  );
}
