// The server's clock, as far as its answers tell it: countdowns are the server's, whatever this device's clock shows.
import { useEffect, useState } from "preact/hooks";

let aheadMs = 0;

/** Note the Date of an answer; it has whole seconds, and was written half a second ago on average. */
export function heard(date: string | null): void {
  const told = date ? Date.parse(date) : NaN;
  if (Number.isFinite(told) && Math.abs(told + 500 - Date.now() - aheadMs) > 1_500) aheadMs = told + 500 - Date.now();
}

export function serverNow(): number {
  return Date.now() + aheadMs;
}

/** Seconds until a moment, ticking; 0 when it is past. */
export function useSecondsUntil(moment: string | number | null): number {
  const until = moment === null ? 0 : typeof moment === "number" ? moment : Date.parse(moment);
  const left = (): number => Math.max(0, (until - serverNow()) / 1_000);
  const [, tick] = useState(0);
  useEffect(() => {
    if (moment === null) return;
    const timer = setInterval(() => tick((n) => n + 1), 250);
    return () => clearInterval(timer);
  }, [moment]);
  return left();
}
