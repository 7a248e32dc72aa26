// What this browser keeps: a few small entries in localStorage, each read with a bound and never trusted to be there.
// Nothing secret lies here: sessions are cookies that no script can read.

/** What the browser would not keep: it lasts as long as this page. A reload cannot come back to it, and that is all. */
const unwritten = new Map<string, unknown>();

export function kept<T>(name: string, otherwise: T): T {
  if (unwritten.has(name)) return (unwritten.get(name) ?? otherwise) as T;
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
    unwritten.delete(name);
  } catch {
    unwritten.set(name, value);
  }
}

/** Letters and digits from the browser's own dice, which are there without HTTPS too. */
export function dice(length: number): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
