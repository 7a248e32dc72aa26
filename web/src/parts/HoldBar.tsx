// A hold that waits to be paid, told where its owner looks at something else: how long it lasts, and the way to pay.
import type { JSX } from "preact";
import { minutes } from "../format";
import type { Booking } from "../types";
import { t, tn } from "../words";
import { useSecondsUntil } from "./clock";

export function HoldBar({ booking }: { booking: Booking }): JSX.Element | null {
  const left = useSecondsUntil(booking.expires_at);
  if (booking.status !== "held" || left <= 0) return null;
  return (
    <p class="hold-bar">
      <span>{tn("hold.yours", booking.seat_ids?.length ?? 1, { time: minutes(left) })}</span>
      <a class="button small primary" href={`/bookings/${booking.booking_id}`}>
        {t("mine.pay")}
      </a>
    </p>
  );
}
