// Keys of what is sent by hand: who presses again, since the answer was lost or is still to come, asks for the same once more
// and never for a second one. How long that is so is said by who asks: what is the same for whoever announces an event all day
// is somebody else's a few minutes later at a door. An attempt to book and a payment, which outlive the page, keep theirs (attempts.ts, payments.ts).
import { passes } from "./api";
import { Undecided } from "./commands";
import { dice } from "./kept";

/** As many requests whose outcome is not known are remembered; the oldest is forgotten first. */
const MAX_BEGUN = 500;
const begun = new Map<string, { key: string; body: unknown; sentAt: number }>();

/** Send ``body`` for ``what`` under a key. Until it is known what became of that, the same body and key are sent for it again,
    unless that was last done longer ago than ``withinMs``: then it is another request. */
export async function underOneKey<B, T>(
  what: string,
  body: B,
  send: (body: B, key: string) => Promise<T>,
  isKnown: (answer: T) => boolean = () => true,
  withinMs = Infinity,
): Promise<T> {
  const now = Date.now();
  const before = begun.get(what) as { key: string; body: B; sentAt: number } | undefined;
  const same = before && now - before.sentAt <= withinMs;
  const request = same ? { ...before, sentAt: now } : { key: `web-${dice(24)}`, body, sentAt: now };
  begun.set(what, request);
  if (begun.size > MAX_BEGUN) begun.delete(begun.keys().next().value!);
  try {
    const answer = await send(request.body, request.key);
    if (isKnown(answer)) begun.delete(what);
    return answer;
  } catch (error) {
    if (!passes(error) && !(error instanceof Undecided)) begun.delete(what);
    throw error;
  }
}
