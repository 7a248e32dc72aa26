// A booking, from its request to its ticket, as its stream tells it. Every state says what it means and what to do next;
// none lasts for ever: holds and payments have their end on the screen, and what is pending says so when it takes long.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { attemptFor, begin } from "../attempts";
import { get, Problem } from "../api";
import { command } from "../commands";
import { minutes, time } from "../format";
import { follow, type Liveness } from "../live";
import { Left } from "../parts/EventFacts";
import { Loading, Notice, Trouble } from "../parts/Notice";
import { Pay } from "../parts/Pay";
import { Title } from "../parts/Shell";
import { Summary } from "../parts/Summary";
import { Ticket } from "../parts/Ticket";
import { useSecondsUntil } from "../parts/clock";
import { useAsked } from "../parts/useAsked";
import { begunPayment, pay } from "../payments";
import { signedIn } from "../person";
import { planOf, type Plan } from "../seatmap/plan";
import { seatNames } from "../seatmap/names";
import type { Booking, EventDetails, Layout } from "../types";
import { t, tn, tOr } from "../words";

const LONG_PENDING_MS = 6_000;
const MOVING = new Set(["pending", "held", "paying"]);
/** How often a booking is asked for while its stream does not tell. */
const ASK_MS = 3_000;

export function BookingPage({ id }: { id: string }): JSX.Element {
  const path = `/api/bookings/${encodeURIComponent(id)}`;
  const asked = useAsked<Booking>(path);
  const [told, setTold] = useState<Booking | null>(null);
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  const booking = told && asked.body && told.version >= asked.body.version && told.booking_id === id ? told : asked.body;
  const moves = booking !== null && MOVING.has(booking.status);
  const silent = moves && (liveness === "connecting" || liveness === "lost");
  useEffect(() => {
    // The API ends a booking's stream with its last word, and EventSource would open it again.
    if (!moves) return;
    const followed = follow<Booking>(`${path}/stream`, (_, message) => setTold(message));
    const unsubscribe = followed.liveness.subscribe(setLiveness);
    return () => {
      unsubscribe();
      followed.stop();
    };
  }, [path, moves]);
  useEffect(() => {
    // Some lines let no stream through. One question at a time: the next is armed by the answer, and a failed one by useAsked.
    if (!silent || asked.error !== null) return;
    const timer = setTimeout(asked.again, ASK_MS);
    return () => clearTimeout(timer);
  }, [silent, asked.body, asked.error]);
  if (!booking) {
    if (asked.error instanceof Problem && asked.error.slug === "not-found")
      return (
        <section class="narrow">
          <Title tab={t("booking.title")}>{t("booking.gone")}</Title>
          <p>{t("booking.goneNext")}</p>
          <a class="button" href="/mine">
            {t("nav.mine")}
          </a>
        </section>
      );
    return asked.error !== null ? <Trouble error={asked.error} again={asked.again} /> : <Loading />;
  }
  return <BookingScreen booking={booking} lost={moves && liveness === "lost"} lookAgain={asked.again} />;
}

interface ScreenProps {
  booking: Booking;
  lost: boolean;
  lookAgain: () => void;
}

function BookingScreen({ booking, lost, lookAgain }: ScreenProps): JSX.Element {
  const eventId = booking.event_id ?? attemptFor(booking.booking_id)?.eventId ?? null;
  const { body: event } = useAsked<EventDetails>(eventId ? `/api/events/${encodeURIComponent(eventId)}` : null);
  const [plan, setPlan] = useState<Plan | null>(null);
  useEffect(() => {
    if (!event) return;
    get<Layout>(`/api/events/${event.event_id}/layout`).then(
      (layout) => setPlan(planOf(layout, event.kind)),
      () => undefined, // seats are shown by their ids then
    );
  }, [event?.event_id]);
  return (
    <article class="booking">
      {lost && <Notice tone="warn" title={t("booking.lost")} />}
      <State {...{ booking, event, plan, lookAgain }} />
      {event && (
        <p class="row">
          <a class="button" href={`/events/${event.event_id}`}>
            {t("booking.event")}
          </a>
        </p>
      )}
      <details class="soft number">
        <summary>{t("booking.number")}</summary>
        <code>{booking.booking_id}</code>
      </details>
      {!signedIn.value && booking.status !== "rejected" && <p class="soft">{t("booking.guest")}</p>}
    </article>
  );
}

interface StateProps {
  booking: Booking;
  event: EventDetails | null;
  plan: Plan | null;
  lookAgain: () => void;
}

function State(props: StateProps): JSX.Element {
  const { booking } = props;
  switch (booking.status) {
    case "pending":
      return <Pending {...props} />;
    case "held":
    case "paying":
      return <Held {...props} />;
    case "confirmed":
      return (
        <Outcome tone="good" title={tn("booking.confirmed", booking.seat_ids?.length ?? 1)}>
          <p>{tn("booking.confirmedNext", booking.seat_ids?.length ?? 1)}</p>
          <Ticket booking={booking} event={props.event} plan={props.plan} />
          <Cancel {...props} words="booking.cancel" />
        </Outcome>
      );
    case "rejected":
      return <Rejected {...props} />;
    default:
      return (
        <Outcome tone={booking.status === "cancelled" ? "info" : "bad"} title={t(`booking.${booking.status}`)}>
          <Summary {...props} />
          <p>{reason(booking, props.plan)}</p>
          {props.event && (
            <a class="button" href={`/events/${props.event.event_id}`}>
              {t("booking.other")}
            </a>
          )}
        </Outcome>
      );
  }
}

function reason(booking: Booking, plan: Plan | null): string {
  const { reason: why } = booking;
  if (why === "seat_taken") {
    const seats = booking.conflicts?.length ? seatNames(plan, booking.conflicts) : "";
    return seats ? t("reason.seat_taken", { seats }) : t("reason.seat_takenAlone");
  }
  return why ? tOr(`reason.${why}`, "reason.unknown", { reason: why }) : "";
}

interface OutcomeProps {
  tone: "good" | "bad" | "info" | "wait";
  title: string;
  children?: ComponentChildren;
}

function Outcome({ tone, title, children }: OutcomeProps): JSX.Element {
  return (
    <section class={`outcome outcome-${tone}`}>
      <div role="status">
        <Title tab={title}>{title}</Title>
      </div>
      {children}
    </section>
  );
}

function Pending({ booking, event, plan }: StateProps): JSX.Element {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_PENDING_MS);
    return () => clearTimeout(timer);
  }, [booking.booking_id]);
  return (
    <Outcome tone="wait" title={t("booking.pending")}>
      <Summary {...{ booking, event, plan }} />
      <p class="loading">
        <span class="spinner" aria-hidden="true" />
        {t(long ? "booking.pendingLong" : "booking.pendingNext")}
      </p>
    </Outcome>
  );
}

/** Held, and what comes of paying for it. */
function Held({ booking, event, plan, lookAgain }: StateProps): JSX.Element {
  const [error, setError] = useState<unknown>(null);
  /** The version that was paid for: until there is a later one, the payment is on its way. */
  const [sent, setSent] = useState<number | null>(null);
  const [extended, setExtended] = useState(false);
  const left = useSecondsUntil(booking.expires_at);
  const paying = booking.status === "paying" || sent === booking.version;
  const start = async (token: string): Promise<void> => {
    setError(null);
    setSent(booking.version);
    try {
      await pay(booking.booking_id, token);
    } catch (problem) {
      setError(problem);
      setSent(null);
      lookAgain();
    }
  };
  useEffect(() => {
    // This page was left while a payment was on its way: send the same one again.
    if (booking.status === "held" && begunPayment(booking.booking_id)) void start("");
  }, [booking.booking_id]);
  const extend = async (): Promise<void> => {
    setError(null);
    try {
      await command(`/api/bookings/${booking.booking_id}/extension`, {});
      setExtended(true);
    } catch (problem) {
      setError(problem);
    }
  };
  if (paying)
    return (
      <Outcome tone="wait" title={t("booking.paying")}>
        <Summary {...{ booking, event, plan }} />
        <p class="loading" role="status">
          <span class="spinner" aria-hidden="true" />
          {t("booking.payingNext")}
        </p>
      </Outcome>
    );
  return (
    <Outcome tone="wait" title={t("booking.held", { time: booking.expires_at ? time(booking.expires_at) : "" })}>
      <Summary {...{ booking, event, plan }} />
      <Countdown left={left} total={event?.hold_seconds ?? 120} />
      <p class="soft">{left > 0 ? t("booking.heldNext") : t("booking.ending")}</p>
      {booking.reason === "payment_declined" && <Notice tone="bad" title={reason(booking, plan)} urgent />}
      {extended && <Notice tone="good" title={t("booking.extended")} />}
      {error !== null && <Trouble error={error} />}
      <Pay booking={booking} plan={plan} pay={(token) => void start(token)} />
      <div class="row">
        {!extended && (
          <button type="button" class="button small" onClick={() => void extend()}>
            {t("booking.extend")}
          </button>
        )}
        <Cancel {...{ booking, event, plan, lookAgain }} words="booking.giveUp" />
      </div>
    </Outcome>
  );
}

/** How much of a hold is left, as a bar and as minutes; said aloud only now and then. */
function Countdown({ left, total }: { left: number; total: number }): JSX.Element {
  const part = Math.max(0, Math.min(1, left / Math.max(1, total)));
  return (
    <div class={`countdown ${left < 30 ? "countdown-short" : ""}`}>
      <span class="countdown-bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${part})` }} />
      </span>
      <strong role="timer" aria-live="off">
        {minutes(left)}
      </strong>{" "}
      <span class="soft">{t("booking.left")}</span>
    </div>
  );
}

function Rejected({ booking, event, plan }: StateProps): JSX.Element {
  const offer = booking.offer ?? null;
  const left = useSecondsUntil(offer?.expires_at ?? null);
  const open = offer !== null && left > 0;
  const back = event && (
    <a class={`button ${open ? "" : "primary"}`} href={`/events/${event.event_id}`}>
      {t("booking.other")}
    </a>
  );
  return (
    <Outcome tone="bad" title={t("booking.rejected")}>
      <p>{reason(booking, plan)}</p>
      {offer && open && (
        <div class="offer panel">
          <p>{tn("booking.offer", offer.seat_ids.length)}</p>
          <p class="offer-seats">{seatNames(plan, offer.seat_ids)}</p>
          <Countdown left={left} total={(Date.parse(offer.expires_at) - Date.parse(booking.decided_at ?? "")) / 1_000 || 15} />
          <button type="button" class="button primary" onClick={() => begin(booking.event_id!, { offer_id: offer.offer_id })}>
            {tn("booking.take", offer.seat_ids.length)}
          </button>
        </div>
      )}
      {offer && !open && <p class="soft">{t("booking.offerOver")}</p>}
      {back}
      {event && <Left event={event} />}
      <Summary {...{ booking, event, plan }} />
    </Outcome>
  );
}

function Cancel({ booking, lookAgain, words }: StateProps & { words: "booking.cancel" | "booking.giveUp" }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await command(`/api/bookings/${booking.booking_id}`, { method: "DELETE" });
      lookAgain();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  if (!asking)
    return (
      <button type="button" class="link danger" onClick={() => (words === "booking.giveUp" ? (setAsking(true), void cancel()) : setAsking(true))}>
        {t(words)}
      </button>
    );
  return (
    <div class="panel sure" role="group" aria-label={t(words)}>
      {busy ? (
        <p role="status">{t("booking.cancelling")}</p>
      ) : (
        <>
          <p>{t("booking.cancelSure")}</p>
          <div class="row">
            <button type="button" class="button danger small" onClick={() => void cancel()}>
              {t("booking.cancelYes")}
            </button>
            <button type="button" class="button small" onClick={() => setAsking(false)}>
              {t("booking.cancelNo")}
            </button>
          </div>
        </>
      )}
      {error !== null && <Trouble error={error} />}
    </div>
  );
}

