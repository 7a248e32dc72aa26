// Moments, money and counts in the reader's way. Moments of an event are told as clocks at its venue show them.

const locale = navigator.languages.find((language) => language.startsWith("en")) ?? "en-GB";

const formats = new Map<string, Intl.DateTimeFormat>();

function dated(moment: string, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(locale, options)));
  return format.format(new Date(moment));
}

export function day(moment: string, timeZone: string): string {
  return dated(moment, { timeZone, weekday: "short", day: "numeric", month: "long", year: "numeric" });
}

/** A day; with its year where that is not this one. */
export function shortDay(moment: string, timeZone: string): string {
  const year = (of: string): string => dated(of, { timeZone, year: "numeric" });
  const other = year(moment) !== year(new Date().toISOString());
  return dated(moment, { timeZone, weekday: "short", day: "numeric", month: "short", ...(other ? { year: "numeric" } : {}) });
}

export function time(moment: string, timeZone?: string): string {
  return dated(moment, { ...(timeZone ? { timeZone } : {}), hour: "2-digit", minute: "2-digit", hour12: false });
}

export function moment(text: string): string {
  return dated(text, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
}

/** The day of a month and the month, for the corner of a poster. */
export function calendarLeaf(text: string, timeZone: string): { day: string; month: string } {
  return { day: dated(text, { timeZone, day: "numeric" }), month: dated(text, { timeZone, month: "short" }) };
}

export function money(minor: number, currency: string | null): string {
  const format = new Intl.NumberFormat(locale, currency ? { style: "currency", currency } : {});
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const whole = minor % 10 ** digits === 0;
  const short = new Intl.NumberFormat(locale, {
    ...(currency ? { style: "currency", currency } : {}),
    minimumFractionDigits: whole ? 0 : digits,
  });
  return short.format(minor / 10 ** digits);
}

export function minorOf(text: string, currency: string): number {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  return Math.round(Number(text.replace(",", ".")) * 10 ** (digits ?? 2));
}

export function count(number: number): string {
  return new Intl.NumberFormat(locale).format(number);
}

export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function list(words: string[]): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(words);
}

export function duration(from: string, to: string): string {
  const total = Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
  const hours = Math.floor(total / 60);
  return hours ? `${hours} h ${total % 60 ? `${total % 60} min` : ""}`.trim() : `${total} min`;
}
