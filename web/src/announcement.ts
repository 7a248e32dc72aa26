// What is said of an event, as a form has it (texts, clocks of the venue) and as the API does. Pure but for the device's zone.
import type { EventDetails, Kind } from "./types";

/** What a form says, by the names of the API's fields. */
export type Fields = Record<string, string>;

const zones = Intl.supportedValuesOf("timeZone");

/** Zones by their part of the world, and this one whatever the browser calls it. */
export function zonesWith(zone: string): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const one of [...new Set([...zones, "UTC", zone])].filter(Boolean).sort()) {
    const part = one.split("/", 1)[0]!;
    parts.set(part, [...(parts.get(part) ?? []), one]);
  }
  return parts;
}

/** The device's own; a device that only says UTC says nothing of where a venue is. */
export function zoneHere(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return /^(Etc\/)?(UTC|GMT|UCT|Zulu)$/.test(zone) ? "" : zone;
}

export function fieldsOf(event: EventDetails): Fields {
  const at = (moment: string | null): string => (moment ? localAt(moment, event.time_zone) : "");
  return {
    name: event.name,
    date: at(event.departure ?? event.date),
    arrival: at(event.arrival),
    time_zone: event.time_zone,
    venue: event.venue,
    place: event.place ?? "",
    description: event.description,
    hold_seconds: String(event.hold_seconds),
    max_seats_per_user: String(event.max_seats_per_user ?? ""),
    on_sale_at: at(event.on_sale_at),
    production_name: event.production_name ?? "",
  };
}

/** Whether it begins before ``now``, so that whoever mistyped a year can be asked. */
export function isPast(fields: Fields, now: number): boolean {
  // A year of five digits, as some browsers let one type it, is no moment and not over.
  return /^\d{4}-/.test(fields.date ?? "") && !!fields.time_zone && Date.parse(momentAt(fields.date!, fields.time_zone)) < now;
}

/** What is said, and null for what is not. */
function saidOf(fields: Fields, kind: Kind): Record<string, unknown> {
  const said = (name: string): string => (fields[name] ?? "").trim();
  const zone = said("time_zone");
  const at = (name: string): string | null => (said(name) ? momentAt(said(name), zone) : null);
  const production = said("production_name");
  return {
    name: said("name"),
    date: at("date"),
    time_zone: zone,
    venue: said("venue"),
    place: said("place") || null,
    description: said("description"),
    hold_seconds: Number(said("hold_seconds")),
    max_seats_per_user: said("max_seats_per_user") ? Number(said("max_seats_per_user")) : null,
    on_sale_at: at("on_sale_at"),
    production_name: production || null,
    production_id: production ? production.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 64) : null,
    ...(kind === "train" ? { departure: at("date"), arrival: at("arrival") } : {}),
  };
}

export function announcementOf(fields: Fields, kind: Kind): object {
  const said = Object.entries({ ...saidOf(fields, kind), kind }).filter(([, value]) => value !== null);
  const way = kind === "train" ? { origin: fields.origin!.trim(), destination: fields.destination!.trim() } : {};
  return { ...Object.fromEntries(said), ...way };
}

/** What a form says otherwise than the event does now; what the form does not have stays. */
export function changesOf(fields: Fields, event: EventDetails): Record<string, unknown> {
  const now = fieldsOf(event);
  const before = saidOf(now, event.kind);
  const said = saidOf({ ...now, ...fields }, event.kind);
  // An id of its own is not its name's: it stays while there is a name.
  if (said.production_name && event.production_id !== before.production_id) said.production_id = before.production_id;
  return Object.fromEntries(Object.entries(said).filter(([name, value]) => value !== before[name]));
}

/** A day and a time of a venue's clocks as the API wants them: with the offset that its zone has then. */
export function momentAt(local: string, timeZone: string): string {
  const wanted = Date.parse(`${local}:00Z`);
  // The offset at about that moment; asked twice, since the first guess may lie beyond a change of clocks.
  let offset = offsetMs(wanted, timeZone);
  offset = offsetMs(wanted - offset, timeZone);
  const sign = offset < 0 ? "-" : "+";
  const minutes = Math.abs(offset) / 60_000;
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${local}:00${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** A moment as a venue's clocks show it, in the form of a date-and-time field. */
function localAt(moment: string, timeZone: string): string {
  const at = Date.parse(moment);
  return new Date(at + offsetMs(at, timeZone)).toISOString().slice(0, 16);
}

function offsetMs(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)!.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour") % 24, of("minute"), of("second")) - Math.floor(at / 1_000) * 1_000;
}
