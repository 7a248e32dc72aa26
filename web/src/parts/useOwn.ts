// One's own bookings of an event, as this browser remembers them: so that one's own seats are never shown as a stranger's.
// The public view is the same for everybody and says nothing of who holds a seat.
import { useEffect, useState } from "preact/hooks";
import { get } from "../api";
import { remembered } from "../attempts";
import type { Booking } from "../types";
import { serverNow } from "./clock";

/** As many bookings of one event are asked for, the newest first. */
const MOST = 10;
/** What is being decided is asked for again so soon; a hold, so long after its end: the platform has ended it by then. */
const AFTER_MS = 1_500;
const HOLDING = new Set(["pending", "held", "paying", "confirmed"]);

export function useOwn(eventId: string): Booking[] {
  const [bookings, set] = useState<Booking[]>([]);
  const [turn, next] = useState(0);
  useEffect(() => {
    let gone = false;
    const mine = remembered().filter((one) => one.eventId === eventId);
    // What cannot be had at the moment is shown as it is to everybody.
    const asked = mine.slice(0, MOST).map(({ bookingId }) => get<Booking>(`/api/bookings/${bookingId}`).catch(() => null));
    void Promise.all(asked).then((found) => !gone && set(found.filter((one) => one !== null && HOLDING.has(one.status)) as Booking[]));
    return () => {
      gone = true;
    };
  }, [eventId, turn]);
  useEffect(() => {
    const again = (): void => next((n) => n + 1);
    const moves = bookings.filter((one) => one.status !== "confirmed");
    const ends = moves.map((one) => (one.status === "held" && one.expires_at ? Date.parse(one.expires_at) - serverNow() : 0));
    const timer = ends.length ? setTimeout(again, Math.max(0, Math.min(...ends)) + AFTER_MS) : 0;
    const seen = (): void => void (document.hidden || again());
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [bookings]);
  return bookings;
}
