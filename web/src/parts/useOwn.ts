// One's own bookings of an event, as this browser remembers them: so that one's own seats are never shown as a stranger's.
// The public view is the same for everybody and says nothing of who holds a seat.
import { useEffect, useState } from "preact/hooks";
import { get, passes, pauseMs } from "../api";
import { remembered } from "../attempts";
import { account } from "../person";
import type { Booking } from "../types";
import { serverNow } from "./clock";

/** As many bookings of one event are asked for, the newest first. */
const MOST = 10;
/** What is being decided is asked for again so soon; a hold, so long after its end: the platform has ended it by then. */
const AFTER_MS = 1_500;
/** What could not be had is asked for again so soon at the earliest. */
const AGAIN_MS = 3_000;
const HOLDING = new Set(["pending", "held", "paying", "confirmed"]);

export function useOwn(eventId: string): Booking[] {
  // ``pause``: how long to wait, since something could not be had.
  const [{ bookings, pause }, set] = useState<{ bookings: Booking[]; pause: number }>({ bookings: [], pause: 0 });
  const [turn, next] = useState(0);
  const here = account.value?.user_id;
  useEffect(() => {
    let gone = false;
    const mine = remembered().filter((one) => one.eventId === eventId);
    const asked = mine.slice(0, MOST).map(({ bookingId }) => get<Booking>(`/api/bookings/${bookingId}`).catch((error: unknown) => ({ bookingId, error })));
    void Promise.all(asked).then((found) => {
      if (gone) return;
      // What cannot be had at the moment stays as it was known.
      set((before) => ({
        bookings: found.flatMap((one) => {
          if (!("error" in one)) return HOLDING.has(one.status) ? [one] : [];
          return passes(one.error) ? before.bookings.filter(({ booking_id: id }) => id === one.bookingId) : [];
        }),
        pause: Math.max(0, ...found.map((one) => ("error" in one && passes(one.error) ? pauseMs(one.error, AGAIN_MS) : 0))),
      }));
    });
    return () => {
      gone = true;
    };
  }, [eventId, turn, here]);
  useEffect(() => {
    const again = (): void => next((n) => n + 1);
    const moves = bookings.filter((one) => one.status !== "confirmed");
    const ends = moves.map((one) => (one.status === "held" && one.expires_at ? Date.parse(one.expires_at) - serverNow() : 0));
    const wait = pause || (ends.length && Math.max(0, Math.min(...ends)) + AFTER_MS);
    const timer = wait ? setTimeout(again, wait) : 0;
    const seen = (): void => void (document.hidden || again());
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [bookings, pause]);
  return bookings;
}
