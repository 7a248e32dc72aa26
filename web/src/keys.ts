// Keys of what is sent by hand: who presses again, since the answer was lost or is still to come, asks for the same once more
// and never for a second one. How long that is so is said by who asks: what is the same for whoever announces an event, also
// after a reload, is somebody else's a few minutes later at a door. An attempt to book and a payment, which are sent again by
// the page itself, keep theirs (attempts.ts, payments.ts).
import { passes } from "./api";
import { Undecided } from "./commands";
import { dice, keep, kept } from "./kept";

interface Request {
  key: string;
  body: unknown;
  sentAt: number;
}

/** Where requests are remembered whose outcome is not known. */
interface Memory {
  get(what: string): Request | undefined;
  set(what: string, request: Request): void;
  delete(what: string): void;
}

/** As many requests the page remembers; the oldest is forgotten first. */
const MAX_BEGUN = 500;

class PageMemory extends Map<string, Request> implements Memory {
  override set(what: string, request: Request): this {
    super.set(what, request);
    if (this.size > MAX_BEGUN) this.delete(this.keys().next().value!);
    return this;
  }
}

const page = new PageMemory();

/** A memory of the browser, which a reload leaves as it is: of the last request alone. */
export function browserMemory(name: string): Memory {
  return {
    get: (what) => {
      const last = kept<{ what: string; request: Request } | null>(name, null);
      return last?.what === what ? last.request : undefined;
    },
    set: (what, request) => keep(name, { what, request }),
    delete: () => keep(name, undefined),
  };
}

interface Care<T> {
  /** Whether an answer says what became of the request. */
  isKnown?: (answer: T) => boolean;
  withinMs?: number;
  memory?: Memory;
}

/** Send ``body`` for ``what`` under a key. Until it is known what became of that, the same body and key are sent for it again,
    unless that was last done longer ago than ``withinMs``: then it is another request. */
export async function underOneKey<B, T>(
  what: string,
  body: B,
  send: (body: B, key: string) => Promise<T>,
  { isKnown = () => true, withinMs = Infinity, memory = page }: Care<T> = {},
): Promise<T> {
  const now = Date.now();
  const before = memory.get(what) as { key: string; body: B; sentAt: number } | undefined;
  const same = before && now - before.sentAt <= withinMs;
  const request = same ? { ...before, sentAt: now } : { key: `web-${dice(24)}`, body, sentAt: now };
  memory.set(what, request);
  try {
    const answer = await send(request.body, request.key);
    if (isKnown(answer)) memory.delete(what);
    return answer;
  } catch (error) {
    if (!passes(error) && !(error instanceof Undecided)) memory.delete(what);
    throw error;
  }
}
