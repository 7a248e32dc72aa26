// Finding: every event on sale, narrowed by kind, text, day and place. The question is in the address, so that it can be
// shared and gone back to. Showings of a production stand as one.
import type { JSX, TargetedInputEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, passes, pauseMs } from "../api";
import { calendarLeaf, shortDay, time } from "../format";
import { Left, Where } from "../parts/EventFacts";
import { Icon } from "../parts/Icon";
import { Loading, Notice, Trouble } from "../parts/Notice";
import { Poster } from "../parts/Poster";
import { Title } from "../parts/Shell";
import { serverNow } from "../parts/clock";
import { go, place } from "../router";
import type { EventSummary, Kind } from "../types";
import { t, tn, type Key } from "../words";

const KINDS: Kind[] = ["concert", "theatre", "movie", "sports", "train", "other"];
const FIELDS = ["q", "kind", "place", "day", "origin", "destination"] as const;
type Field = (typeof FIELDS)[number];
const TYPING_MS = 250;
const PAGE = 60;
const AGAIN_MS = 3_000;

export function Find(): JSX.Element {
  const query = place.value.query;
  const asked = Object.fromEntries(FIELDS.map((field) => [field, query.get(field) ?? ""])) as Record<Field, string>;
  const any = FIELDS.some((field) => asked[field]);
  const found = useFound(asked, any);
  const change = (fields: Partial<Record<Field, string>>): void => {
    const next = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...asked, ...fields })) if (value) next.set(name, value);
    const text = next.toString();
    go(text ? `/?${text}` : "/", "replace");
  };
  return (
    <div class="find">
      <section class="hero">
        <Title tab={t("nav.events")}>{t("find.title")}</Title>
        <p class="lead">{t("find.lead")}</p>
        <Search asked={asked} change={change} />
      </section>
      <div class="kinds" role="group" aria-label={t("find.kinds")}>
        <Chip on={!asked.kind} pick={() => change({ kind: "" })} words="kinds.all" />
        {KINDS.map((kind) => (
          <Chip on={asked.kind === kind} pick={() => change({ kind: asked.kind === kind ? "" : kind })} words={`kinds.${kind}`} />
        ))}
        {any && (
          <button type="button" class="link" onClick={() => change(Object.fromEntries(FIELDS.map((field) => [field, ""])))}>
            {t("find.clear")}
          </button>
        )}
      </div>
      {found.error !== null && <Trouble error={found.error} again={found.again} />}
      {found.events === null && found.error === null && <Loading />}
      {found.events && <Results events={found.events} asked={any} />}
      {found.more && (
        <p class="more">
          <button type="button" class="button" onClick={found.more}>
            {t("find.more")}
          </button>
        </p>
      )}
    </div>
  );
}

interface Found {
  events: EventSummary[] | null;
  error: unknown;
  more: (() => void) | null;
  again: () => void;
}

function useFound(asked: Record<Field, string>, any: boolean): Found {
  const [state, set] = useState<{ events: EventSummary[] | null; next: string | null; error: unknown }>({
    events: null,
    next: null,
    error: null,
  });
  const [turn, next] = useState(0);
  const query = new URLSearchParams();
  for (const field of FIELDS) if (asked[field]) query.set(field, asked[field]);
  if (any) query.set("limit", String(PAGE));
  const path = any ? `/api/events?${query}` : "/api/events";
  const load = async (from: string, before: EventSummary[], signal?: AbortSignal): Promise<void> => {
    try {
      const answer = await ask<EventSummary[]>(from, signal ? { signal } : {});
      const link = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get("link") ?? "")?.[1] ?? null;
      const events = [...before, ...answer.body.filter(isToCome)];
      set({ events, next: link ? new URL(link, location.href).pathname + new URL(link, location.href).search : null, error: null });
    } catch (error) {
      if (!signal?.aborted) set((now) => ({ ...now, error }));
    }
  };
  useEffect(() => {
    const gone = new AbortController();
    void load(path, [], gone.signal);
    return () => gone.abort();
  }, [path, turn]);
  useEffect(() => {
    // What may pass is asked again by itself, unless there is something to look at: more of it is asked for by hand.
    if (state.events !== null || !passes(state.error)) return;
    const timer = setTimeout(() => next((n) => n + 1), pauseMs(state.error, AGAIN_MS));
    return () => clearTimeout(timer);
  }, [state]);
  return {
    events: state.events,
    error: state.error,
    more: state.next ? () => void load(state.next!, state.events ?? []) : null,
    again: () => next((n) => n + 1),
  };
}

function isToCome(event: EventSummary): boolean {
  return Date.parse(event.arrival ?? event.date) > serverNow() - 3 * 3_600_000;
}

function Chip({ on, pick, words }: { on: boolean; pick: () => void; words: Key }): JSX.Element {
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={pick}>
      {t(words)}
    </button>
  );
}

function Search({ asked, change }: { asked: Record<Field, string>; change: (fields: Partial<Record<Field, string>>) => void }): JSX.Element {
  const typing = useRef(0);
  const later = (field: Field) => (event: TargetedInputEvent<HTMLInputElement>) => {
    const { value } = event.currentTarget;
    clearTimeout(typing.current);
    typing.current = window.setTimeout(() => change({ [field]: value.trim() }), TYPING_MS);
  };
  const train = asked.kind === "train";
  return (
    <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="search-field search-wide">
        <span class="hidden">{t("find.textLabel")}</span>
        <Icon name="search" />
        <input type="search" placeholder={t("find.text")} defaultValue={asked.q} onInput={later("q")} maxLength={100} />
      </label>
      {train ? (
        <>
          <label class="search-field">
            <span>{t("find.origin")}</span>
            <input type="text" defaultValue={asked.origin} onInput={later("origin")} maxLength={200} />
          </label>
          <label class="search-field">
            <span>{t("find.destination")}</span>
            <input type="text" defaultValue={asked.destination} onInput={later("destination")} maxLength={200} />
          </label>
        </>
      ) : (
        <label class="search-field">
          <span>{t("find.place")}</span>
          <input type="text" defaultValue={asked.place} onInput={later("place")} maxLength={200} />
        </label>
      )}
      <label class="search-field">
        <span>{t("find.day")}</span>
        <input type="date" value={asked.day} onInput={(event) => change({ day: event.currentTarget.value })} />
      </label>
    </form>
  );
}

function Results({ events, asked }: { events: EventSummary[]; asked: boolean }): JSX.Element {
  if (!events.length)
    return (
      <Notice title={t("find.none")}>
        <p>{t("find.noneNext")}</p>
        {asked && (
          <a class="button small" href="/">
            {t("find.all")}
          </a>
        )}
      </Notice>
    );
  const shown = grouped(events);
  return (
    <section aria-label={tn("find.found", events.length)}>
      <p class="hidden" role="status">
        {tn("find.found", events.length)}
      </p>
      <ul class="cards">
        {shown.map((group) => (
          <li key={group[0]!.event_id}>{group.length === 1 ? <EventCard event={group[0]!} /> : <ProductionCard events={group} />}</li>
        ))}
      </ul>
    </section>
  );
}

/** Events in their order; those of a production where its first one stands. */
function grouped(events: EventSummary[]): EventSummary[][] {
  const groups = new Map<string, EventSummary[]>();
  for (const event of events) {
    const key = event.production_id ? `p ${event.production_id}` : `e ${event.event_id}`;
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()];
}

function Leaf({ event }: { event: EventSummary }): JSX.Element {
  const leaf = calendarLeaf(event.date, event.time_zone);
  return (
    <span class="leaf" aria-hidden="true">
      <span>{leaf.month}</span>
      <strong>{leaf.day}</strong>
    </span>
  );
}

function EventCard({ event }: { event: EventSummary }): JSX.Element {
  return (
    <a class="card" href={`/events/${event.event_id}`}>
      <Poster id={event.production_id ?? event.event_id} kind={event.kind} />
      <Leaf event={event} />
      <div class="card-body">
        <p class="card-kind">{t(`kind.${event.kind}`)}</p>
        <h2 class="card-name">{event.name}</h2>
        <p class="card-when">
          {shortDay(event.date, event.time_zone)}, {time(event.date, event.time_zone)}
        </p>
        <Where event={event} />
        <Left event={event} />
      </div>
    </a>
  );
}

function ProductionCard({ events }: { events: EventSummary[] }): JSX.Element {
  const first = events[0]!;
  const stem = first.kind === "movie" || first.kind === "train" ? first.kind : "other";
  return (
    <a class="card" href={`/productions/${first.production_id}`}>
      <Poster id={first.production_id!} kind={first.kind} />
      <Leaf event={first} />
      <div class="card-body">
        <p class="card-kind">{t(`kind.${first.kind}`)}</p>
        <h2 class="card-name">{first.production_name ?? first.name}</h2>
        <p class="card-when">
          {shortDay(first.date, first.time_zone)} – {shortDay(events.at(-1)!.date, first.time_zone)}
        </p>
        <Where event={first} />
        <span class="tag">{tn(`showings.${stem}`, events.length)}</span>
      </div>
    </a>
  );
}
