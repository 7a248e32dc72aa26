// Commands: what changes a booking or an event is accepted first and decided a moment later; here both are one promise.
import { ask, get, Problem, type Asked } from "./api";
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
    const outcome = await get<CommandOutcome>(accepted.status_url).catch((error: unknown) => {
      if (error instanceof Problem && error.document.status >= 500) return null;
      throw error;
    });
    if (outcome?.status === "done") return accepted;
    if (outcome && outcome.status !== "pending") throw new Refused(outcome.reason ?? outcome.status);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  throw new Undecided();
}
