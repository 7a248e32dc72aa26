// Who is at this browser: an account with a session, or a guest by a name that nobody can guess.
// The session itself is a cookie; all that is known here is that there should be one.
import { signal } from "@preact/signals";
import { get, passes, pauseMs, refreshed } from "./api";
import { dice, keep, kept } from "./kept";
import type { Account } from "./types";

const AGAIN_MS = 3_000;

export const signedIn = signal<boolean>(kept("signed-in", false));
export const account = signal<Account | null>(null);

export function guestName(): string {
  const known = kept("guest", "");
  if (known) return known;
  const made = `guest-${dice(20)}`;
  keep("guest", made);
  return made;
}

/** ``fresh``: the session has just begun, with the role that the account has. */
export async function whoAmI(fresh = false): Promise<void> {
  if (!signedIn.peek()) return;
  try {
    const me = await get<Account>("/api/accounts/me");
    // What the session may do was said when it began; an account whose role is another by now needs a new one first.
    if (!fresh && kept<string>("role", "") !== me.role && !(await refreshed())) return;
    keep("role", me.role);
    account.value = me;
  } catch (error) {
    // What is over api.ts has noted; who is away for a moment is asked again.
    if (passes(error)) setTimeout(() => void whoAmI(), pauseMs(error, AGAIN_MS));
  }
}

export function signedInNow(): Promise<void> {
  keep("signed-in", true);
  signedIn.value = true;
  return whoAmI(true);
}

export function signedOut(): void {
  keep("signed-in", undefined);
  keep("role", undefined);
  signedIn.value = false;
  account.value = null;
}
