// What an organiser sends: an event, its seat map drawn from sections of rows or given as a file, and the same map as it
// will look. Pure but for the calls at the end.
import { ask, type Answer } from "./api";
import { command } from "./commands";
import { dice } from "./kept";
import { browserMemory, underOneKey } from "./keys";
import type { CommandAccepted, Layout, SectionLayout } from "./types";

/** A section as it is drawn in the form: rows of equal length, or places without numbers. */
export interface DrawnSection {
  key: string;
  name: string;
  standing: boolean;
  rows: number;
  seats: number;
  places: number;
  price: string;
}

export interface EventMade extends CommandAccepted {
  event_id: string;
  seats: number;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
export const MAX_SEATS_A_ROW = 1_000;
export const MAX_ROWS = 700;

export function newSection(name: string, rows = 10, price = ""): DrawnSection {
  return { key: dice(6), name, standing: false, rows, seats: 20, places: 200, price };
}

/** A, B … Z, AA, AB …: as halls call their rows. */
export function rowName(index: number): string {
  return index < 26 ? LETTERS[index]! : rowName(Math.floor(index / 26) - 1) + LETTERS[index % 26]!;
}

/** A section's id: what of its name may stand in an address. */
export function slug(name: string): string {
  return (
    name
      .normalize("NFKD")
      .replace(/[^\w.~-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .toLowerCase()
      .slice(0, 64) || "section"
  );
}

/** What stands before a section's seats, so that no two of a hall have one id. */
function prefixOf(sections: DrawnSection[], at: number): string {
  return sections.length === 1 ? "" : `${slug(sections[at]!.name).slice(0, 12)}-`;
}

export function sectionRequests(sections: DrawnSection[], currency: string, minorOf: (price: string) => number): object[] {
  return sections.map((section, at) => ({
    section: slug(section.name),
    ...(section.price.trim() ? { price_minor: minorOf(section.price), currency } : {}),
    ...(section.standing
      ? { places: section.places }
      : {
          prefix: prefixOf(sections, at),
          rows: Array.from({ length: section.rows }, (_, row) => ({ row: rowName(row), count: section.seats })),
        }),
  }));
}

/** The same sections as a layout, to be looked at before there is an event. */
export function preview(sections: DrawnSection[], currency: string, minorOf: (price: string) => number): Layout {
  return {
    event_id: "",
    sections: sections.map((section, at): SectionLayout => {
      const prefix = prefixOf(sections, at);
      const rows = section.standing
        ? []
        : Array.from({ length: section.rows }, (_, row) => ({
            row: rowName(row),
            seat_ids: Array.from({ length: section.seats }, (_seat, seat) => `${prefix}${rowName(row)}${seat + 1}`),
          }));
      return {
        section: slug(section.name),
        general_admission: section.standing,
        seats_total: section.standing ? section.places : section.rows * section.seats,
        currency: section.price.trim() ? currency : null,
        prices: section.price.trim() ? [{ category: null, price_minor: minorOf(section.price), seat_ids: null }] : [],
        accessible: [],
        rows,
      };
    }),
  };
}

/** Announce an event; while it is not known what became of it, the same again is the same event. Its key is kept in the
    browser as the form itself is: who comes back after a reload must not announce a second one. */
export function create(about: object): Promise<EventMade> {
  return underOneKey(
    JSON.stringify(about),
    about,
    (body, key) => command<EventMade>("/api/events", { body, headers: { "Idempotency-Key": key } }),
    { memory: browserMemory("announcing") },
  );
}

/** Look at a seat file without keeping it; what is wrong in it comes as a problem with lines. */
export function checkFile(eventId: string, file: string): Promise<Answer<unknown>> {
  return ask(`/api/events/${eventId}/seats?dry_run=true`, { method: "POST", text: { type: "text/csv", content: file } });
}

export function importFile(eventId: string, file: string): Promise<EventMade> {
  return underOneKey(`seats of ${eventId} ${file}`, file, (content, key) =>
    command<EventMade>(`/api/events/${eventId}/seats?publish=true`, {
      text: { type: "text/csv", content },
      headers: { "Idempotency-Key": key },
    }),
  );
}
