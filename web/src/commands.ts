// Commands: what changes a booking or an event is accepted first and decided a moment later; here both are one promise.
import { ask, get, passes, pauseMs, type Asked } from "./api";
import type { CommandAccepted, CommandOutcome } from "./types";

const ASK_AGAIN_MS = 150;
const WITHIN_MS = 10_000;

/** What was decided is no: a reason of the API's list. */
export class Refused extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** It was accepted, and what became of it is not shown yet. */
export class Undecided extends Error {}

export async function command<T extends CommandAccepted>(path: string, asked: Asked): Promise<T> {
  const accepted = (await ask<T>(path, { method: "POST", ...asked })).body;
  const until = Date.now() + WITHIN_MS;
  while (Date.now() < until) {
    let pause = ASK_AGAIN_MS;
    try {
      const outcome = await get<CommandOutcome>(accepted.status_url);
      if (outcome.status === "done") return accepted;
      if (outcome.status !== "pending") throw new Refused(outcome.reason ?? outcome.status);
    } catch (error) {
      if (!passes(error)) throw error;
      pause = pauseMs(error, ASK_AGAIN_MS);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, until - Date.now())));
  }
  throw new Undecided();
}
