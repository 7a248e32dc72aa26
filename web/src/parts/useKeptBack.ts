// Which seats of an event its organiser keeps back. The seat map has one word for held by a customer and held for the house,
// and one for booked and never for sale; what no booking has is the organiser's own. Asked only where the sale's figures say that
// some are, and for as many bookings as a page can be expected to read; beyond those, what was kept back here is known.
import { useEffect, useState } from "preact/hooks";
import { ask } from "../api";
import type { Hall } from "../seatmap/hall";
import type { Booking } from "../types";

const OWNING = ["held", "paying", "confirmed"];
/** A page of the list has a thousand bookings. */
const MAX_PAGES = 20;
/** The map, the bookings and the figures are each some moments old: they are compared again until they agree. */
const AGAIN_MS = 3_000;
const MAX_TIMES = 4;

export interface KeptBack {
  keptBack: Set<number>;
  /** Take these for kept back; returns how to take that back. */
  note: (seats: number[]) => () => void;
}

export function useKeptBack(hall: Hall, path: string, blocked: number): KeptBack {
  const [keptBack, set] = useState<Set<number>>(new Set());
  useEffect(() => {
    let gone = false;
    let timer = 0;
    const look = async (times: number): Promise<void> => {
      const found = blocked ? await unowned(hall, path).catch(() => null) : new Set<number>();
      if (gone || !found) return;
      set(found);
      if (found.size !== blocked && times < MAX_TIMES) timer = window.setTimeout(() => void look(times + 1), AGAIN_MS);
    };
    void look(1);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [hall, path, blocked]);
  const note = (seats: number[]): (() => void) => {
    const more = seats.filter((seat) => !keptBack.has(seat));
    set((before) => new Set([...before, ...more]));
    return () => set((before) => new Set([...before].filter((seat) => !more.includes(seat))));
  };
  return { keptBack, note };
}

/** The seats that are taken and that no booking has; null: there are too many bookings to tell. */
async function unowned(hall: Hall, path: string): Promise<Set<number> | null> {
  const taken = new Set([...hall.status.keys()].filter((seat) => !hall.isFree(seat)));
  let pages = 0;
  for (const status of OWNING) {
    let next: string | null = `${path}/bookings?status=${status}`;
    while (next) {
      if (++pages > MAX_PAGES) return null;
      const { body, headers }: { body: Booking[]; headers: Headers } = await ask<Booking[]>(next);
      for (const id of body.flatMap((booking) => booking.seat_ids ?? [])) taken.delete(hall.plan.byId.get(id) ?? -1);
      next = /<([^>]+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1] ?? null;
    }
  }
  return taken;
}
