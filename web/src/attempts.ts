// Attempts: a wish to book, kept with its key before it is sent. Whatever breaks in between (the line, this page, the whole
// browser), the same wish under the same key is the same booking; so an attempt is sent again without fear until it is one.
import { signal, type Signal } from "@preact/signals";
import { ask, passes, pauseMs, Problem, type Unreachable } from "./api";
import { dice, keep, kept } from "./kept";
import { account, guestName, signedIn } from "./person";
import { serverNow } from "./parts/clock";
import { go } from "./router";
import type { Accepted, Booking } from "./types";

export interface Attempt {
  key: string;
  eventId: string;
  body: Record<string, unknown>;
  beganAt: number;
  /** The account that asks. */
  by?: string | undefined;
  bookingId?: string;
}

export type Phase =
  | { is: "sending" }
  | { is: "waiting"; problem: Problem | Unreachable; againAt: number }
  | { is: "refused"; problem: Problem }
  | { is: "booked" };

/** As many attempts and bookings are remembered. */
const MAX_KEPT = 30;
const WAIT_S = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

export function attemptOf(key: string): Attempt | undefined {
  return kept<Attempt[]>("attempts", []).find((attempt) => attempt.key === key);
}

function keepAttempt(attempt: Attempt): void {
  const others = kept<Attempt[]>("attempts", []).filter((one) => one.key !== attempt.key);
  keep("attempts", [attempt, ...others].slice(0, MAX_KEPT));
}

/** The attempt by which this browser asked for a booking, while it is remembered. */
export function attemptFor(bookingId: string): Attempt | undefined {
  return kept<Attempt[]>("attempts", []).find((attempt) => attempt.bookingId === bookingId);
}

export interface Remembered {
  bookingId: string;
  eventId: string;
  /** Asked for without an account: it is nobody's but this browser's. */
  guest: boolean;
}

/** The bookings of whoever is here: an account's are told of to it alone, whoever else signs in here; a guest's always. */
export function remembered(): Remembered[] {
  const all = kept<Attempt[]>("attempts", []).flatMap(({ bookingId, eventId, body, by }) =>
    bookingId ? [{ bookingId, eventId, guest: "user_id" in body, by }] : [],
  );
  const here = account.peek()?.user_id;
  return all.filter((one) => one.guest || (here && one.by === here));
}

/** Keep the wish and go to where it is sent. ``body`` says which seats. */
export function begin(eventId: string, body: Record<string, unknown>): void {
  const who = signedIn.peek() ? {} : { user_id: guestName() };
  const attempt = { key: `web-${dice(24)}`, eventId, body: { event_id: eventId, ...who, ...body }, beganAt: Date.now(), by: account.peek()?.user_id };
  keepAttempt(attempt);
  go(`/bookings/new/${attempt.key}`);
}

export interface Sending {
  phase: Signal<Phase>;
  now: () => void;
  stop: () => void;
}

/** Send an attempt until it is a booking, then go to that. Stops when the page that shows it goes. */
export function send(attempt: Attempt): Sending {
  const phase = signal<Phase>({ is: "sending" });
  let again = 0;
  let leastMs = FIRST_PAUSE_MS;
  let stopped = false;
  let busy = false;
  const once = async (): Promise<void> => {
    if (busy || stopped) return;
    busy = true;
    clearTimeout(again);
    phase.value = { is: "sending" };
    try {
      const answer = await ask<Booking | Accepted>("/api/book", {
        method: "POST",
        body: attempt.body,
        headers: { "Idempotency-Key": attempt.key, Prefer: `wait=${WAIT_S}` },
      });
      // Whose session it was that sent it, where that is known by now.
      keepAttempt({ ...attempt, by: account.peek()?.user_id ?? attempt.by, bookingId: answer.body.booking_id });
      if (!stopped) {
        phase.value = { is: "booked" };
        go(`/bookings/${answer.body.booking_id}`, "replace");
      }
    } catch (error) {
      if (stopped) return;
      if (passes(error)) {
        const pause = pauseMs(error, leastMs);
        leastMs = Math.min(LONGEST_PAUSE_MS, leastMs * 2);
        phase.value = { is: "waiting", problem: error, againAt: serverNow() + pause };
        again = window.setTimeout(() => void once(), pause);
      } else if (error instanceof Problem) phase.value = { is: "refused", problem: error };
      else throw error;
    } finally {
      busy = false;
    }
  };
  const now = (): void => void once();
  addEventListener("online", now);
  now();
  return {
    phase,
    now,
    stop: () => {
      stopped = true;
      clearTimeout(again);
      removeEventListener("online", now);
    },
  };
}
