// Rows at the edge: where a row that goes on beyond the window has its letter, so that it has one however close one comes.
// Pure: the plan and the view in, places of the window out.
import type { View } from "./draw";
import type { Plan } from "./plan";

/** So far inside the window, in CSS pixels. */
const INSET = 13;
/** Nobody reads more letters at once than this. */
const MOST = 120;

export interface EdgeLetter {
  text: string;
  x: number;
  y: number;
}

export function lettersAtEdges(plan: Plan, view: View, size: { width: number; height: number }): EdgeLetter[] {
  const letters: EdgeLetter[] = [];
  const right = size.width - INSET;
  const bottom = size.height - INSET;
  const place = (seat: number): { x: number; y: number } => {
    const { x, y } = plan.seats[seat]!;
    return { x: x * view.k + view.x, y: y * view.k + view.y };
  };
  const isIn = ({ x, y }: { x: number; y: number }): boolean => x >= INSET && x <= right && y >= INSET && y <= bottom;
  for (const { label, first, last } of plan.rows) {
    let before = place(first);
    const end = place(last);
    // A row that is cut lengthwise needs no letter along the cut.
    const lies = Math.abs(end.x - before.x) >= Math.abs(end.y - before.y);
    let was = isIn(before);
    for (let seat = first + 1; seat <= last && letters.length < MOST; seat++) {
      const now = place(seat);
      const is = isIn(now);
      if (is !== was) {
        const [inner, outer] = is ? [now, before] : [before, now];
        const part = (from: number, to: number, low: number, high: number): number =>
          to < low ? (low - from) / (to - from) : to > high ? (high - from) / (to - from) : 1;
        const across = part(inner.x, outer.x, INSET, right);
        const down = part(inner.y, outer.y, INSET, bottom);
        const along = Math.min(across, down);
        if (lies ? across <= down : down <= across)
          letters.push({ text: label, x: inner.x + (outer.x - inner.x) * along, y: inner.y + (outer.y - inner.y) * along });
      }
      before = now;
      was = is;
    }
  }
  return letters;
}
