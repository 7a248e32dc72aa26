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
import { Basket, type Lost } from "../parts/Basket";
import { Legend } from "../parts/Legend";
import { useAsked } from "../parts/useAsked";
import { Hall } from "../seatmap/hall";
import { planOf, type Plan } from "../seatmap/plan";
import { seatName, sectionName } from "../seatmap/names";
import { SeatList } from "../seatmap/SeatList";
import { SeatMap } from "../seatmap/SeatMap";
import { salePainter } from "../seatmap/painters";
import type { Availability, EventDetails, EventMessage, Layout } from "../types";
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
  const [lost, setLost] = useState<Lost[]>([]);
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
      const others = new Set(mine);
      setLost((before) => [
        ...before,
        ...taken.map((seat) => {
          const instead = here.nearest(seat, others);
          if (instead !== null) others.add(instead);
          return { seat, instead };
        }),
      ]);
    });
    const unsubscribe = followed.liveness.subscribe(setLiveness);
    return () => {
      unsubscribe();
      followed.stop();
    };
  }, [path, hall]);

  const toggle = (seat: number): void => {
    setTooMany(false);
    if (picked.includes(seat)) return setPicked(picked.filter((one) => one !== seat));
    if (!hall?.isFree(seat)) return;
    if (picked.length >= most) return setTooMany(true);
    setPicked([...picked, seat]);
  };

  const sale = saleOf(event);
  const open = sale === "open";
  const ask = (body: Record<string, unknown>): void => begin(event.event_id, body);
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
            <Left event={event} />
          </p>
          {event.description && <p class="about">{event.description}</p>}
        </div>
      </header>
      {!open && <Closed event={event} />}
      {failed !== null && <Trouble error={failed} again={() => location.reload()} />}
      <div class="event-body">
        <section class="hall" aria-label={t("event.seats")}>
          {plan === undefined && failed === null && <Loading />}
          {plan === null && (
            <Notice title={t("event.tooLarge")} />
          )}
          {plan && hall && (
            <Seats
              {...{ plan, hall, picked, toggle, event, liveness }}
              area={(index) => setSection(plan.sections[index]!.section)}
            />
          )}
        </section>
        <aside class="side" aria-label={t("nav.mine")}>
          {plan && hall && (
            <Basket
              {...{ plan, hall, picked, event, lost, open, most, tooMany }}
              remove={(seat) => setPicked(picked.filter((one) => one !== seat))}
              clear={() => setPicked([])}
              instead={(one) => {
                setLost(lost.filter((other) => other !== one));
                if (one.instead !== null && hall.isFree(one.instead)) setPicked([...picked, one.instead]);
              }}
              dismiss={(one) => setLost(lost.filter((other) => other !== one))}
              ask={() => ask({ seat_ids: picked.map((seat) => plan.seats[seat]!.id), offer: true })}
            />
          )}
          {open && (
            <Best {...{ event, plan: plan ?? null, most, section, setSection }} free={hall?.free.value ?? null} ask={ask} />
          )}
        </aside>
      </div>
    </article>
  );
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
  toggle: (seat: number) => void;
  area: (section: number) => void;
  event: EventDetails;
  liveness: Liveness;
}

function Seats({ plan, hall, picked, toggle, area, event, liveness }: SeatsProps): JSX.Element {
  const [asList, setAsList] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const [dark, setDark] = useState(matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const look = (): void => setDark(scheme.matches);
    scheme.addEventListener("change", look);
    return () => scheme.removeEventListener("change", look);
  }, []);
  const painter = useMemo(() => salePainter(document.documentElement, plan, hall, new Set(picked)), [plan, hall, picked, dark]);
  const describe = (seat: number): { title: string; detail: string } => {
    const { price, accessible } = plan.seats[seat]!;
    const state = picked.includes(seat) ? t("event.picked") : hall.isFree(seat) ? "" : t(hall.status[seat] === 1 ? "event.held" : "event.booked");
    const cost = price < 0 ? "" : `${plan.prices[price]!.named ? `${sectionName(plan.prices[price]!.labels[0]!)} · ` : ""}${money(plan.prices[price]!.minor, plan.prices[price]!.currency)}`;
    return {
      title: seatName(plan, seat),
      detail: [state || cost || t("event.free"), accessible ? t("seat.accessible") : ""].filter(Boolean).join(", "),
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
        <SeatList {...{ plan, hall, picked, toggle }} revision={hall.revision.value} />
      ) : (
        <SeatMap
          {...{ plan, painter, words, describe }}
          revision={hall.revision.value}
          label={t("map.label", { name: event.name })}
          onPick={toggle}
          onPickArea={area}
        />
      )}
      <Legend plan={plan} />
    </div>
  );
}
