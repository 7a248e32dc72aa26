// Painters: what seats look like to a customer. Free seats have the colour of their price and are large; taken ones are
// small and grey, held ones hollow, so that nothing is said by colour alone.
import { AVAILABLE, HELD, type Hall } from "./hall";
import type { Painter } from "./draw";
import type { Plan } from "./plan";
import { hue, HUES, seatColours } from "./theme";

export function salePainter(from: Element, plan: Plan, hall: Hall, picked: Set<number>): Painter {
  const colours = seatColours(from);
  const taken = HUES;
  const held = HUES + 1;
  const mine = HUES + 2;
  return {
    styles: [
      ...colours.hues.map(({ fill, ink }) => ({ fill, ink, size: 0.8 })),
      { fill: colours.taken, size: 0.42, round: true },
      { fill: colours.held, size: 0.5, round: true, hollow: true },
      { fill: colours.picked, ink: colours.pickedInk, size: 0.92, ring: colours.ring },
    ],
    of: (seat) => {
      if (picked.has(seat)) return mine;
      const status = hall.status[seat];
      if (status === AVAILABLE) return hue(plan.seats[seat]!.price);
      return status === HELD ? held : taken;
    },
  };
}
