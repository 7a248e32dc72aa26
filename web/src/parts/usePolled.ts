// Something asked of the API again and again while somebody looks: what came last stays when an answer fails, and nothing
// is asked while the page is hidden.
import { useEffect, useState } from "preact/hooks";
import { get } from "../api";

export function usePolled<T>(path: string, everyMs: number): { body: T | null; error: unknown } {
  const [state, set] = useState<{ body: T | null; error: unknown }>({ body: null, error: null });
  useEffect(() => {
    let gone = false;
    let timer = 0;
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const body = await get<T>(path);
          if (!gone) set({ body, error: null });
        } catch (error) {
          if (!gone) set((before) => ({ body: before.body, error }));
        }
      }
      if (!gone) timer = window.setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [path, everyMs]);
  return state;
}
