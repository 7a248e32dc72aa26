// Painters: what seats look like, to a customer and to an organiser. Free seats have the colour of their price and are large; taken ones are
// small and grey, held ones hollow, one's own round and large, so that nothing is said by colour alone.
import { AVAILABLE, HELD, type Hall } from "./hall";
import type { Painter } from "./draw";
import type { Plan } from "./plan";
import { heatColours, hue, HUES, seatColours } from "./theme";

export function salePainter(from: Element, plan: Plan, hall: Hall, picked: Set<number>, own: Set<number>): Painter {
  const colours = seatColours(from);
  const taken = HUES;
  const held = HUES + 1;
  const mine = HUES + 2;
  const owned = HUES + 3;
  return {
    styles: [
      ...colours.hues.map(({ fill, ink }) => ({ fill, ink, size: 0.8 })),
      { fill: colours.taken, size: 0.42, round: true },
      { fill: colours.held, size: 0.5, round: true, hollow: true },
      { fill: colours.picked, ink: colours.pickedInk, size: 0.92, ring: colours.ring },
      { fill: colours.own, ink: colours.ownInk, size: 0.88, round: true },
    ],
    of: (seat) => {
      if (picked.has(seat)) return mine;
      if (own.has(seat)) return owned;
      const status = hall.status[seat];
      if (status === AVAILABLE) return hue(plan.seats[seat]!.price);
      return status === HELD ? held : taken;
    },
  };
}

/** A hall before there is a sale: every seat in the colour of its price. */
export function planPainter(from: Element, plan: Plan): Painter {
  const styles = seatColours(from).hues.map(({ fill, ink }) => ({ fill, ink, size: 0.8 }));
  return { styles, of: (seat) => hue(plan.seats[seat]!.price) };
}

/** A sale as its organiser sees it: free seats cold, held ones warm, booked ones hot, what has just gone glowing, and round
    what is kept back. */
export function heatPainter(from: Element, hall: Hall, picked: Set<number>, fresh: Set<number>, keptBack: Set<number>): Painter {
  const colours = heatColours(from);
  return {
    styles: [
      { fill: colours.free, ink: colours.freeInk, size: 0.72 },
      { fill: colours.held, ink: colours.ink, size: 0.82 },
      { fill: colours.booked, ink: colours.ink, size: 0.88 },
      { fill: colours.fresh, ink: colours.ink, size: 0.98 },
      { fill: colours.picked, ink: colours.pickedInk, size: 0.92, ring: colours.ring },
      { fill: colours.kept, ink: colours.keptInk, size: 0.72, round: true },
    ],
    of: (seat) => {
      if (picked.has(seat)) return 4;
      const status = hall.status[seat];
      if (status === AVAILABLE) return 0;
      if (keptBack.has(seat)) return 5;
      if (fresh.has(seat)) return 3;
      return status === HELD ? 1 : 2;
    },
  };
}
