// Something asked of the API for a screen: what came, what went wrong, and asking again. What may pass is asked again by
// itself; an answer that is no longer wanted is dropped.
import { useEffect, useState } from "preact/hooks";
import { get, passes, pauseMs } from "../api";

const AGAIN_MS = 3_000;

export interface AskedFor<T> {
  body: T | null;
  error: unknown;
  again: () => void;
}

export function useAsked<T>(path: string | null): AskedFor<T> {
  const [state, set] = useState<{ path: string | null; body: T | null; error: unknown }>({ path: null, body: null, error: null });
  const [turn, next] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const gone = new AbortController();
    let timer = 0;
    get<T>(path, gone.signal).then(
      (body) => set({ path, body, error: null }),
      (error: unknown) => {
        if (gone.signal.aborted) return;
        set((before) => ({ path, body: before.path === path ? before.body : null, error }));
        if (passes(error)) timer = window.setTimeout(() => next((n) => n + 1), pauseMs(error, AGAIN_MS));
      },
    );
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [path, turn]);
  const current = state.path === path;
  return { body: current ? state.body : null, error: current ? state.error : null, again: () => next((n) => n + 1) };
}
