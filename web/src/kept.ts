// What this browser keeps: a few small entries in localStorage, each read with a bound and never trusted to be there.
// Nothing secret lies here: sessions are cookies that no script can read.

export function kept<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`frontrow.${name}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export function keep(name: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(`frontrow.${name}`);
    else localStorage.setItem(`frontrow.${name}`, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still books; it only cannot come back to it after a reload.
  }
}

/** Letters and digits from the browser's own dice, which are there without HTTPS too. */
export function dice(length: number): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
