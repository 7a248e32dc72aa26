// Whether the screen is of some kind at the moment: where styles alone cannot say what comes first.
import { useEffect, useState } from "preact/hooks";

/** One column: what stands beside the hall on a desk stands above or below it. The same as in styles/seats.css. */
export const ONE_COLUMN = "(max-width: 60rem)";

export function useMedia(query: string): boolean {
  const [is, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const asked = matchMedia(query);
    const look = (): void => set(asked.matches);
    asked.addEventListener("change", look);
    return () => asked.removeEventListener("change", look);
  }, [query]);
  return is;
}
