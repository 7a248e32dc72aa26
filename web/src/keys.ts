// Keys of what is sent by hand: who presses again, since the answer was lost or is still to come, asks for the same once more
// and never for a second one. An attempt to book and a payment, which outlive the page, keep theirs (attempts.ts, payments.ts).
import { passes } from "./api";
import { Undecided } from "./commands";
import { dice } from "./kept";

/** As many requests whose outcome is not known are remembered; the oldest is forgotten first. */
const MAX_BEGUN = 500;
const begun = new Map<string, { key: string; body: unknown }>();

/** Send ``body`` for ``what`` under a key. Until it is known what became of that, the same body and key are sent for it again. */
export async function underOneKey<B, T>(
  what: string,
  body: B,
  send: (body: B, key: string) => Promise<T>,
  isKnown: (answer: T) => boolean = () => true,
): Promise<T> {
  const request = (begun.get(what) as { key: string; body: B } | undefined) ?? { key: `web-${dice(24)}`, body };
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
