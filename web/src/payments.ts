// Payments: like an attempt, a payment is kept with its key before it is sent, so that a page reloaded in the middle sends
// the same one again and never a second.
import { ask, passes, pauseMs } from "./api";
import { dice, keep, kept } from "./kept";
import type { CommandAccepted } from "./types";

interface Payment {
  key: string;
  token: string;
}

const PAUSE_MS = 1_500;
/** As long as a payment that nobody answers is sent again; then a person decides. */
const WITHIN_MS = 60_000;

function name(bookingId: string): string {
  return `payment.${bookingId}`;
}

/** The payment that was begun for a booking and of which no answer is known. */
export function begunPayment(bookingId: string): Payment | null {
  return kept<Payment | null>(name(bookingId), null);
}

/** Send a payment until it is accepted; returns its command. Refusals are thrown, and end it. */
export async function pay(bookingId: string, token: string): Promise<CommandAccepted> {
  const payment = begunPayment(bookingId) ?? { key: `web-${dice(24)}`, token };
  keep(name(bookingId), payment);
  const until = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      const answer = await ask<CommandAccepted>(`/api/bookings/${bookingId}/payment`, {
        method: "POST",
        body: { payment_token: payment.token },
        headers: { "Idempotency-Key": payment.key },
      });
      keep(name(bookingId), undefined);
      return answer.body;
    } catch (error) {
      if (!passes(error)) keep(name(bookingId), undefined);
      if (!passes(error) || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs(error, PAUSE_MS)));
    }
  }
}
