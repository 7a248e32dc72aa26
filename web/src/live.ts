// Streams: an event or a booking as it changes. EventSource comes back by itself after a lost connection; after any other
// answer than 200 it does not, and is opened anew here.
import { signal, type Signal } from "@preact/signals";

export type Liveness = "connecting" | "live" | "stale" | "lost";

const AGAIN_AFTER_MS = 3_000;

export interface Followed {
  liveness: Signal<Liveness>;
  stop: () => void;
}

export function follow<T>(path: string, told: (kind: "snapshot" | "change", message: T) => void): Followed {
  const liveness = signal<Liveness>("connecting");
  let source: EventSource | null = null;
  let again = 0;
  const open = (): void => {
    source = new EventSource(path);
    const tell = (kind: "snapshot" | "change") => (event: MessageEvent<string>) => {
      liveness.value = "live";
      told(kind, JSON.parse(event.data) as T);
    };
    source.addEventListener("snapshot", tell("snapshot"));
    source.addEventListener("change", tell("change"));
    source.addEventListener("stale", () => (liveness.value = "stale"));
    source.addEventListener("fresh", () => (liveness.value = "live"));
    source.addEventListener("open", () => (liveness.value = "live"));
    source.addEventListener("error", () => {
      liveness.value = "lost";
      if (source?.readyState === EventSource.CLOSED) again = window.setTimeout(open, AGAIN_AFTER_MS);
    });
  };
  const reopen = (): void => {
    // The network is back: do not wait for the browser's own pause.
    clearTimeout(again);
    source?.close();
    open();
  };
  const stop = (): void => {
    clearTimeout(again);
    source?.close();
    removeEventListener("online", reopen);
  };
  addEventListener("online", reopen);
  open();
  return { liveness, stop };
}
