// One's event on sale: how it sells, live; its hall as heat, where seats are kept back; its bookings; and letting people in.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get } from "../api";
import { command } from "../commands";
import { count, list, money, time } from "../format";
import { follow, type Liveness } from "../live";
import { Bars } from "../parts/Bars";
import { CheckIn } from "../parts/CheckIn";
import { EditEvent } from "../parts/EditEvent";
import { EventBookings } from "../parts/EventBookings";
import { Left, saleOf, When, Where } from "../parts/EventFacts";
import { Icon } from "../parts/Icon";
import { Loading, Notice, Trouble } from "../parts/Notice";
import { Title } from "../parts/Shell";
import { usePolled } from "../parts/usePolled";
import { useAsked } from "../parts/useAsked";
import { useKeptBack } from "../parts/useKeptBack";
import { go, place } from "../router";
import { Hall } from "../seatmap/hall";
import { seatName, sectionName } from "../seatmap/names";
import { heatPainter } from "../seatmap/painters";
import { planOf, type Plan } from "../seatmap/plan";
import { SeatMap } from "../seatmap/SeatMap";
import type { Availability, EventDetails, EventMessage, Layout, Sales } from "../types";
import { t, tn, tOr } from "../words";

const TABS = ["sale", "hall", "bookings", "doors", "edit"] as const;
const SALES_MS = 3_000;
/** So long a seat that has just gone glows. */
const FRESH_MS = 20_000;
/** The API keeps back so many seats at once. */
const MOST_BLOCKED = 1_000;

export function Watch({ id }: { id: string }): JSX.Element {
  const path = `/api/events/${encodeURIComponent(id)}`;
  const asked = useAsked<EventDetails>(path);
  if (!asked.body) return asked.error !== null ? <Trouble error={asked.error} again={asked.again} /> : <Loading />;
  return <Watching first={asked.body} path={path} />;
}

function Watching({ first, path }: { first: EventDetails; path: string }): JSX.Element {
  const [event, setEvent] = useState(first);
  const [hall, setHall] = useState<Hall | null>(null);
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  const [fresh, setFresh] = useState<Map<number, number>>(new Map());
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const sales = usePolled<Sales>(`${path}/sales`, SALES_MS);
  const here = useRef<Hall | null>(null);
  here.current = hall;
  const tab = TABS.find((one) => one === place.value.query.get("show")) ?? "sale";

  useEffect(() => {
    let gone = false;
    Promise.all([get<Layout>(`${path}/layout`), get<Availability>(`${path}/availability`)]).then(
      ([layout, availability]) => {
        const plan = planOf(layout, event.kind);
        if (!gone && plan) setHall(new Hall(plan, availability));
      },
      (problem: unknown) => !gone && setError(problem),
    );
    return () => {
      gone = true;
    };
  }, [path]);
  useEffect(() => {
    const followed = follow<EventMessage>(`${path}/stream`, (kind, message) => {
      setEvent((before) => ({ ...before, ...message.event }));
      const gone = here.current?.take(message) ?? [];
      if (kind === "change" && gone.length) {
        const now = Date.now();
        setFresh((before) => new Map([...[...before].filter(([, at]) => now - at < FRESH_MS), ...gone.map((seat) => [seat, now] as const)]));
      }
    });
    const unsubscribe = followed.liveness.subscribe(setLiveness);
    return () => {
      unsubscribe();
      followed.stop();
    };
  }, [path, hall]);
  useEffect(() => {
    if (!fresh.size) return;
    const timer = setTimeout(() => setFresh((before) => new Map([...before].filter(([, at]) => Date.now() - at < FRESH_MS))), FRESH_MS);
    return () => clearTimeout(timer);
  }, [fresh]);

  const change = async (what: "open" | "close" | "cancel"): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await command(`${path}/${what}`, {});
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const sale = saleOf(event);
  return (
    <article class="watch">
      <div class="head-row">
        <div>
          <Title tab={event.name}>{event.name}</Title>
          <p class="facts">
            <When event={event} />
            <Where event={event} />
            <Left event={event} />
            <span class={`pulse pulse-${liveness}`}>
              <span class="pulse-dot" aria-hidden="true" />
              {t(liveness === "live" ? "event.live" : liveness === "connecting" ? "event.connecting" : "watch.old")}
            </span>
          </p>
        </div>
        <div class="row">
          <a class="button small" href={`/events/${event.event_id}`}>
            {t("watch.public")}
          </a>
          {sale !== "cancelled" &&
            (event.status === "closed" ? (
              <button type="button" class="button primary small" disabled={busy} onClick={() => void change("open")}>
                {t("watch.open")}
              </button>
            ) : (
              <button type="button" class="button small" disabled={busy} onClick={() => void change("close")}>
                {t("watch.close")}
              </button>
            ))}
        </div>
      </div>
      {error !== null && <Trouble error={error} />}
      <div class="kinds" role="group" aria-label={t("watch.show")}>
        {TABS.map((one) => (
          <button type="button" class="chip" aria-pressed={tab === one} onClick={() => go(`/organise/${event.event_id}${one === "sale" ? "" : `?show=${one}`}`, "replace")}>
            {t(`watch.${one}`)}
          </button>
        ))}
      </div>
      {tab === "sale" && (
        <>
          {sales.error !== null && !sales.body && <Trouble error={sales.error} polled />}
          {sales.body ? <Figures sales={sales.body} plan={hall?.plan ?? null} /> : sales.error === null && <Loading />}
          {sale !== "cancelled" && <CallOff cancel={() => void change("cancel")} />}
        </>
      )}
      {tab === "hall" && (hall ? <Heat {...{ hall, path, event }} fresh={new Set(fresh.keys())} blocked={sales.body?.seats.blocked ?? 0} /> : <Loading />)}
      {tab === "bookings" && <EventBookings path={path} plan={hall?.plan ?? null} eventId={event.event_id} />}
      {tab === "doors" && <CheckIn path={path} plan={hall?.plan ?? null} />}
      {tab === "edit" && <EditEvent path={path} event={event} />}
    </article>
  );
}

function Figures({ sales, plan }: { sales: Sales; plan: Plan | null }): JSX.Element {
  const { seats } = sales;
  const figures = [
    { words: t("watch.booked"), value: seats.booked, tone: "booked" },
    { words: t("watch.held"), value: seats.held, tone: "held" },
    { words: t("watch.blocked"), value: seats.blocked, tone: "blocked" },
    { words: t("watch.available"), value: seats.available, tone: "free" },
  ];
  return (
    <div class="figures">
      <ul class="figure-row">
        {figures.map((one) => (
          <li class="panel figure">
            <span class="soft">{one.words}</span>
            <strong>{count(one.value)}</strong>
          </li>
        ))}
        <li class="panel figure">
          <span class="soft">{t("watch.revenue")}</span>
          <strong>{sales.revenue.map((one) => money(one.revenue_minor, one.currency)).join(" + ") || "–"}</strong>
        </li>
      </ul>
      <div class="stack-bar" role="img" aria-label={figures.map((one) => `${one.words}: ${count(one.value)}`).join(", ")}>
        {figures.map((one) => (
          <span class={`stack-${one.tone}`} style={{ flexGrow: one.value }} />
        ))}
      </div>
      <section class="panel">
        <h2>{t("watch.minutes")}</h2>
        <Bars
          bars={sales.sold.slice(-60).map((one) => ({ label: time(one.minute), value: one.seats }))}
          none={t("watch.nothingYet")}
          label={t("watch.minutes")}
        />
      </section>
      <div class="pair">
        <section class="panel">
          <h2>{t("watch.categories")}</h2>
          <div class="table-scroll" tabIndex={0} role="region" aria-label={t("watch.categories")}>
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{t("watch.category")}</th>
                  <th scope="col">{t("watch.price")}</th>
                  <th scope="col">{t("watch.booked")}</th>
                  <th scope="col">{t("watch.available")}</th>
                  <th scope="col">{t("watch.revenue")}</th>
                </tr>
              </thead>
              <tbody>
                {sales.categories.map((one) => (
                  <tr>
                    <th scope="row">{one.category ?? sectionsOf(plan, one)}</th>
                    <td>{one.price_minor === null ? "–" : money(one.price_minor, one.currency)}</td>
                    <td>{count(one.booked)}</td>
                    <td>{count(one.available)}</td>
                    <td>{one.currency ? money(one.revenue_minor, one.currency) : "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
        <section class="panel">
          <h2>{t("watch.refused")}</h2>
          {Object.keys(sales.refused).length === 0 ? (
            <p class="soft">{t("watch.nobodyRefused")}</p>
          ) : (
            <dl class="pairs">
              {Object.entries(sales.refused)
                .sort(([, one], [, other]) => other - one)
                .flatMap(([why, times]) => [<dt>{tOr(`refused.${why}`, "reason.unknown", { reason: why })}</dt>, <dd>{count(times)}</dd>])}
            </dl>
          )}
        </section>
      </div>
    </div>
  );
}

/** What has a price without a name of its own: the sections that cost it. */
function sectionsOf(plan: Plan | null, { price_minor: minor, currency }: Sales["categories"][number]): string {
  const price = plan?.prices.find((one) => !one.named && one.minor === minor && one.currency === currency);
  return price ? list(price.labels.map(sectionName)) : t("watch.usual");
}

function CallOff({ cancel }: { cancel: () => void }): JSX.Element {
  const [sure, setSure] = useState(false);
  if (!sure)
    return (
      <p>
        <button type="button" class="link danger" onClick={() => setSure(true)}>
          {t("watch.callOff")}
        </button>
      </p>
    );
  return (
    <div class="panel sure" role="group" aria-label={t("watch.callOff")}>
      <p>{t("watch.callOffSure")}</p>
      <div class="row">
        <button
          type="button"
          class="button danger"
          onClick={() => {
            setSure(false);
            cancel();
          }}
        >
          {t("watch.callOffYes")}
        </button>
        <button type="button" class="button" onClick={() => setSure(false)}>
          {t("watch.callOffNo")}
        </button>
      </div>
    </div>
  );
}

interface HeatProps {
  hall: Hall;
  path: string;
  event: EventDetails;
  fresh: Set<number>;
  /** How many seats are kept back. */
  blocked: number;
}

/** The hall as heat; seats that are picked here are kept back, or given free again. */
function Heat({ hall, path, event, fresh, blocked }: HeatProps): JSX.Element {
  const { plan } = hall;
  const [picked, setPicked] = useState<number[]>([]);
  const [done, setDone] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const chosen = useMemo(() => new Set(picked), [picked]);
  const { keptBack, note } = useKeptBack(hall, path, blocked);
  const painter = useMemo(() => heatPainter(document.documentElement, hall, chosen, fresh, keptBack), [hall, chosen, fresh, keptBack]);
  const act = async (what: "block" | "release", purpose?: "kill" | "house"): Promise<void> => {
    setBusy(true);
    setError(null);
    setDone("");
    // Of whole rows, some are somebody's: what is free can be kept back, what is not can be released.
    const fitting = picked.filter((seat) => hall.isFree(seat) === (what === "block"));
    const seats = fitting.length ? fitting : picked;
    const seat_ids = seats.map((seat) => plan.seats[seat]!.id);
    // Known before the seats change, so that those never look as if a customer had just taken them.
    const unnote = what === "block" ? note(fitting) : null;
    try {
      await command(`${path}/${what}`, { body: { seat_ids, ...(purpose ? { purpose } : {}) } });
      setDone(tn(what === "block" ? "watch.didBlock" : "watch.didRelease", seat_ids.length));
      setPicked([]);
    } catch (problem) {
      unnote?.();
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const row = (): void => {
    const rows = new Set(picked.map((seat) => rowOf(plan, seat)));
    setPicked(plan.seats.flatMap((_, seat) => (rows.has(rowOf(plan, seat)) ? [seat] : [])).slice(0, MOST_BLOCKED));
  };
  return (
    <div class="event-body">
      <div class="seats">
        <SeatMap
          {...{ plan, painter }}
          revision={hall.revision.value}
          label={t("map.label", { name: event.name })}
          describe={(seat) => ({
            title: seatName(plan, seat),
            detail: t(chosen.has(seat) ? "watch.chosen" : hall.isFree(seat) ? "watch.available" : keptBack.has(seat) ? "watch.blocked" : hall.status[seat] === 1 ? "watch.held" : "watch.booked"),
          })}
          words={{
            mark: (what) => (what === "stage" ? t("map.stage") : what === "screen" ? t("map.screen") : t("map.pitch")),
            area: (section) => {
              const { section: name, seats_total: total } = plan.sections[section]!;
              const free = hall.free.value.get(name) ?? 0;
              return { title: sectionName(name), detail: t("watch.gone", { part: Math.round(((total - free) / Math.max(1, total)) * 100) }) };
            },
          }}
          onPick={(seat) => {
            setDone("");
            if (chosen.has(seat)) setPicked(picked.filter((one) => one !== seat));
            else if (picked.length < MOST_BLOCKED) setPicked([...picked, seat]);
          }}
        />
        <ul class="legend" aria-label={t("event.legend")}>
          {(["free", "held", "booked", "kept", "fresh"] as const).map((one) => (
            <li>
              <span class={`swatch heat-${one}`} aria-hidden="true" />
              {t(`heat.${one}`)}
            </li>
          ))}
        </ul>
      </div>
      <aside class="side panel" aria-label={t("watch.keepBack")}>
        <h2>
          <Icon name="ticket" />
          {t("watch.keepBack")}
        </h2>
        {error !== null && <Trouble error={error} />}
        {done && <Notice tone="good" title={done} />}
        {picked.length === 0 ? (
          <p class="soft">{t("watch.keepBackHelp")}</p>
        ) : (
          <>
            <p>
              <strong>{tn("pick.count", picked.length)}</strong>{" "}
              <button type="button" class="link" onClick={row}>
                {t("watch.wholeRow")}
              </button>{" "}
              <button type="button" class="link" onClick={() => setPicked([])}>
                {t("pick.clear")}
              </button>
            </p>
            <button type="button" class="button wide" disabled={busy} onClick={() => void act("block", "kill")}>
              {t("watch.kill")}
            </button>
            <button type="button" class="button wide" disabled={busy} onClick={() => void act("block", "house")}>
              {t("watch.house")}
            </button>
            <button type="button" class="button wide" disabled={busy} onClick={() => void act("release")}>
              {t("watch.release")}
            </button>
          </>
        )}
      </aside>
    </div>
  );
}

function rowOf(plan: Plan, seat: number): string {
  const { section, row } = plan.seats[seat]!;
  return `${section} ${row}`;
}
