// The one door to the API: same origin, JSON, problems as errors with a name. A session that has run out is refreshed once.
// It never sends a change twice by itself: who wants that gives a key (attempts.ts).
import type { ProblemDocument } from "./types";
import { heard } from "./parts/clock";
import { signedIn, signedOut } from "./person";

export class Problem extends Error {
  readonly slug: string;

  constructor(
    readonly document: ProblemDocument,
    readonly retryAfterS: number,
  ) {
    super(document.detail);
    this.slug = document.type.replace("/problems/", "");
  }

  /** The same as a problem of this field, in the page's words. */
  at(field: string, message: string): Problem {
    return new Problem({ ...this.document, type: "/problems/invalid-request", errors: [{ field, message }] }, this.retryAfterS);
  }
}

/** The answer never came: nobody knows whether the request arrived. */
export class Unreachable extends Error {}

/** Whether an error may pass by itself; every other one is for a person to look at. */
export function passes(error: unknown): error is Problem | Unreachable {
  return error instanceof Unreachable || (error instanceof Problem && (error.document.status >= 500 || error.document.status === 429));
}

/** How long to wait before the same is asked again: as long as the answer wants, and never less than so long. */
export function pauseMs(error: unknown, leastMs: number): number {
  return Math.max(leastMs, error instanceof Problem ? error.retryAfterS * 1_000 : 0);
}

export interface Asked {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  body?: unknown;
  /** Sent as it is, for a body that is no JSON. */
  text?: { type: string; content: string };
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

let refreshing: Promise<boolean> | null = null;

export interface Answer<T> {
  body: T;
  status: number;
  headers: Headers;
}

export async function ask<T>(path: string, asked: Asked = {}): Promise<Answer<T>> {
  let answer = await send(path, asked);
  const signsIn = path === "/api/sessions" && asked.method === "POST";
  if (answer.status === 401 && signedIn.peek() && !signsIn) {
    if (await refreshed()) answer = await send(path, asked);
  }
  if (!answer.ok) throw await problemOf(answer);
  return { body: (await bodyOf(answer)) as T, status: answer.status, headers: answer.headers };
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, signal ? { signal } : {})).body;
}

async function send(path: string, asked: Asked): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...asked.headers };
  let body: string | null = null;
  if (asked.text) {
    headers["Content-Type"] = asked.text.type;
    body = asked.text.content;
  } else if (asked.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(asked.body);
  }
  try {
    const answer = await fetch(path, {
      method: asked.method ?? "GET",
      headers,
      body,
      credentials: "same-origin",
      signal: asked.signal ?? null,
    });
    heard(answer.headers.get("date"));
    return answer;
  } catch (error) {
    throw unreachable(error);
  }
}

/** An answer that breaks off in the middle is none. */
async function bodyOf(answer: Response): Promise<unknown> {
  try {
    return await (answer.headers.get("content-type")?.includes("json") ? answer.json() : answer.text());
  } catch (error) {
    throw unreachable(error);
  }
}

function unreachable(error: unknown): unknown {
  return error instanceof DOMException && error.name === "AbortError" ? error : new Unreachable();
}

/** All who are told at the same time that the session has run out share one refresh: a refresh token is used once.
    False: the session is over. Where it is not known, that is the problem, and nobody is told to sign in. */
export function refreshed(): Promise<boolean> {
  refreshing ??= send("/api/sessions/refresh", { method: "POST", body: {} })
    .then(async (answer) => {
      if (answer.ok) return true;
      if (answer.status !== 401 && answer.status !== 403) throw await problemOf(answer);
      signedOut();
      // The cookies of a session that is over would make every request a 401: have them taken away.
      await send("/api/sessions/current", { method: "DELETE" }).catch(() => undefined);
      return false;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

async function problemOf(answer: Response): Promise<Problem> {
  const retryAfterS = Number(answer.headers.get("retry-after") ?? "0") || 0;
  const unknown: ProblemDocument = {
    type: "/problems/internal",
    title: "",
    status: answer.status,
    detail: "",
    instance: answer.headers.get("x-request-id") ?? "",
  };
  try {
    return new Problem({ ...unknown, ...((await answer.json()) as ProblemDocument) }, retryAfterS);
  } catch {
    return new Problem(unknown, retryAfterS);
  }
}
