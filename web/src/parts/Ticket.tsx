// The ticket of a confirmed booking.
import type { JSX } from "preact";
import type { Booking } from "../types";

export function Ticket(_: { booking: Booking }): JSX.Element | null {
  return null;
}
