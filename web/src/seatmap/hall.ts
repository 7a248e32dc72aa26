// The hall: what each seat of a plan is at the moment, kept up to date by the event's stream. No drawing, no booking.
import { signal, type Signal } from "@preact/signals";
import type { Availability, EventMessage, SeatsByStatus, SeatStatus } from "../types";
import type { Plan, Seat } from "./plan";

export const AVAILABLE = 0;
export const HELD = 1;
export const BOOKED = 2;
const WORDS: Record<SeatStatus, number> = { available: AVAILABLE, held: HELD, booked: BOOKED };
const LETTERS: Record<string, number> = { a: AVAILABLE, h: HELD, b: BOOKED };

export class Hall {
  readonly status: Uint8Array;
  /** Goes up with every change: whoever shows seats reads it. */
  readonly revision: Signal<number> = signal(0);
  /** Of each section; of places without numbers it is all that is known. */
  readonly free: Signal<Map<string, number>>;

  constructor(
    readonly plan: Plan,
    availability: Availability,
  ) {
    this.status = new Uint8Array(plan.seats.length);
    const bySection = new Map(availability.sections.map((section) => [section.section, section]));
    plan.seats.forEach((seat, index) => {
      const letter = bySection.get(plan.sections[seat.section]!.section)?.status[seat.position];
      this.status[index] = LETTERS[letter ?? "b"] ?? BOOKED;
    });
    this.free = signal(new Map(availability.sections.map((section) => [section.section, section.seats_available])));
  }

  /** Take in a snapshot or a change; returns the seats that stopped being available. */
  take(message: EventMessage): number[] {
    const gone: number[] = [];
    let changed = false;
    for (const [word, ids] of Object.entries(message.seats ?? {}) as [keyof SeatsByStatus, string[]][]) {
      const status = WORDS[word];
      for (const id of ids) {
        const index = this.plan.byId.get(id);
        if (index === undefined || this.status[index] === status) continue;
        if (this.status[index] === AVAILABLE) gone.push(index);
        this.status[index] = status;
        changed = true;
      }
    }
    if (message.sections.length) {
      const free = new Map(this.free.peek());
      for (const section of message.sections) free.set(section.section, section.seats_available);
      this.free.value = free;
    }
    if (changed) this.revision.value++;
    return gone;
  }

  isFree(index: number): boolean {
    return this.status[index] === AVAILABLE;
  }

  /** As many free seats as were wanted, instead of those that are gone: side by side where those were, nearest to them;
      otherwise those that are left, with the nearest free ones. Null: there are not so many. */
  instead(lost: number[], left: number[]): number[] | null {
    const wanted = [...lost, ...left].sort((a, b) => a - b);
    if (wanted.length > 1 && wanted.every((seat, at) => at === 0 || this.beside(wanted[at - 1]!, seat))) {
      const run = this.run(wanted);
      if (run) return run;
    }
    const found = [...left];
    const but = new Set(wanted);
    for (const seat of lost) {
      const next = this.nearest(seat, but);
      if (next === null) return null;
      found.push(next);
      but.add(next);
    }
    return found.sort((a, b) => a - b);
  }

  private run(wanted: number[]): number[] | null {
    let best: number | null = null;
    let least = Infinity;
    for (let from = 0, length = 0; from < this.plan.seats.length; from++) {
      length = !this.isFree(from) ? 0 : length && this.beside(from - 1, from) ? length + 1 : 1;
      if (length < wanted.length) continue;
      const first = from - wanted.length + 1;
      const away = wanted.reduce((sum, seat, at) => sum + distance(this.plan.seats[seat]!, this.plan.seats[first + at]!), 0);
      if (away < least) {
        least = away;
        best = first;
      }
    }
    return best === null ? null : wanted.map((_, at) => best! + at);
  }

  /** Whether two seats that follow each other in the plan have nothing between them. */
  private beside(one: number, next: number): boolean {
    const a = this.plan.seats[one]!;
    const b = this.plan.seats[next]!;
    return next === one + 1 && a.section === b.section && a.row === b.row && Math.hypot(a.x - b.x, a.y - b.y) < 1.5;
  }

  /** The free seats nearest to one, of the same price where there are such; none of ``but``. */
  nearest(index: number, but: Set<number>): number | null {
    const seat = this.plan.seats[index]!;
    let best: number | null = null;
    let least = Infinity;
    for (let other = 0; other < this.plan.seats.length; other++) {
      if (!this.isFree(other) || but.has(other)) continue;
      const away = distance(seat, this.plan.seats[other]!);
      if (away < least) {
        least = away;
        best = other;
      }
    }
    return best;
  }
}

/** How much another seat differs: another price or section counts more than some seats to the side. */
function distance(one: Seat, other: Seat): number {
  const elsewhere = (one.price !== other.price ? 40 : 0) + (one.section !== other.section ? 20 : 0);
  return Math.hypot(one.x - other.x, one.y - other.y) + elsewhere;
}
