// The plan: where each seat of a layout is drawn. Pure: layout in, coordinates out, one unit being the pitch of seats.
// The API knows rows and order, not metres; so this is a plan of the hall as people would sketch it: rows face the stage,
// stands named after points of the compass stand around the pitch, coaches have an aisle.
import type { Kind, Layout, SectionLayout } from "../types";

export interface Seat {
  id: string;
  row: string;
  number: string;
  section: number;
  /** Its place in its section's status string. */
  position: number;
  x: number;
  y: number;
  /** Index into ``Plan.prices``; -1 where the seat has no price. */
  price: number;
  accessible: boolean;
}

export interface Price {
  /** A category; or, where it has no name, the sections in which seats cost so much. */
  labels: string[];
  named: boolean;
  minor: number;
  currency: string | null;
}

export interface Area {
  section: number;
  name: string;
  /** Corners of what is drawn behind its seats. */
  outline: [number, number][];
  label: { x: number; y: number; angle: number };
  general: boolean;
}

export interface Mark {
  what: "stage" | "screen" | "pitch" | "aisle";
  outline: [number, number][];
  label: { x: number; y: number };
}

export interface RowLabel {
  text: string;
  x: number;
  y: number;
}

/** A row of a block: its seats follow each other in ``Plan.seats``. */
export interface Row {
  label: string;
  first: number;
  last: number;
}

export interface Plan {
  seats: Seat[];
  byId: Map<string, number>;
  sections: SectionLayout[];
  areas: Area[];
  marks: Mark[];
  rows: Row[];
  rowLabels: RowLabel[];
  prices: Price[];
  bounds: { left: number; top: number; right: number; bottom: number };
}

const ROW_PITCH = 1.18;
const MARGIN = 1.1;

export function planOf(layout: Layout, kind: Kind): Plan | null {
  if (!layout.sections) return null;
  const plan: Plan = {
    seats: [],
    byId: new Map(),
    sections: layout.sections,
    areas: [],
    marks: [],
    rows: [],
    rowLabels: [],
    prices: [],
    bounds: { left: 0, top: 0, right: 0, bottom: 0 },
  };
  const sides = layout.sections.map((section) => sideOf(section.section));
  if (kind === "train") coaches(plan);
  else if (sides.some((side) => side !== null)) bowl(plan, sides);
  else hall(plan, kind);
  plan.seats.forEach((seat, index) => plan.byId.set(seat.id, index));
  plan.bounds = boundsOf(plan);
  return plan;
}

// ------------------------------------------------------------------------------------------------------------ prices

function pricesOf(plan: Plan, section: SectionLayout): (id: string) => number {
  const index = (category: string | null, minor: number): number => {
    const label = category ?? section.section;
    const found = plan.prices.findIndex(
      (price) => price.minor === minor && price.currency === section.currency && price.named === (category !== null) && (category === null || price.labels[0] === label),
    );
    if (found >= 0) {
      const { labels } = plan.prices[found]!;
      if (!labels.includes(label)) labels.push(label);
      return found;
    }
    plan.prices.push({ labels: [label], named: category !== null, minor, currency: section.currency });
    return plan.prices.length - 1;
  };
  let usual = -1;
  const others = new Map<string, number>();
  for (const price of section.prices) {
    const at = index(price.category, price.price_minor);
    if (price.seat_ids === null) usual = at;
    else for (const id of price.seat_ids) others.set(id, at);
  }
  return (id) => others.get(id) ?? usual;
}

// ------------------------------------------------------------------------------------------------- a block of rows

/** Rows one behind the other, each bent around a point in front of it, turned about the middle of the hall. */
interface Stand {
  /** From the middle of the hall to the middle of the first row. */
  distance: number;
  /** How far the point around which rows bend lies in front of the first row; Infinity: straight. */
  radius: number;
  /** Which way the rows look from the middle: 0 they are below it and look up, 90 degrees they are left of it. */
  turn: number;
  shift?: number;
}

function stand(plan: Plan, number: number, how: Stand): { depth: number } {
  const section = plan.sections[number]!;
  const priceOf = pricesOf(plan, section);
  const accessible = new Set(section.accessible);
  const cos = Math.cos(how.turn);
  const sin = Math.sin(how.turn);
  const shift = how.shift ?? 0;
  const put = (along: number, out: number): [number, number] => {
    // ``along`` the row, ``out`` behind its first; bent rows keep the pitch of their seats.
    let x = along;
    let y = how.distance + out;
    if (Number.isFinite(how.radius)) {
      const angle = along / (how.radius + out);
      x = (how.radius + out) * Math.sin(angle);
      y = how.distance - how.radius + (how.radius + out) * Math.cos(angle);
    }
    x += shift;
    return [x * cos - y * sin, x * sin + y * cos];
  };
  const left: [number, number][] = [];
  const right: [number, number][] = [];
  let position = 0;
  section.rows.forEach((row, at) => {
    const out = at * ROW_PITCH;
    const half = (row.seat_ids.length - 1) / 2;
    const label = rowLabel(row.row);
    row.seat_ids.forEach((id, seat) => {
      const [x, y] = put(seat - half, out);
      plan.seats.push({
        id,
        row: label,
        number: numberOf(id, seat),
        section: number,
        position: position++,
        x,
        y,
        price: priceOf(id),
        accessible: accessible.has(id),
      });
    });
    if (label) {
      // At both ends: a bent row's middle is level with the end of another.
      for (const along of [-half - 1.15, half + 1.15]) {
        const [x, y] = put(along, out);
        plan.rowLabels.push({ text: label, x, y });
      }
      plan.rows.push({ label, first: plan.seats.length - row.seat_ids.length, last: plan.seats.length - 1 });
    }
    left.push(put(-half - MARGIN * 0.8, out));
    right.push(put(half + MARGIN * 0.8, out));
  });
  const depth = Math.max(0, section.rows.length - 1) * ROW_PITCH;
  const front = edge(put, section.rows[0]?.seat_ids.length ?? 1, -MARGIN * 0.75);
  const back = edge(put, section.rows.at(-1)?.seat_ids.length ?? 1, depth + MARGIN * 0.75);
  const [x, y] = put(0, depth / 2);
  plan.areas.push({
    section: number,
    name: section.section,
    outline: [...front, ...right, ...back.reverse(), ...left.reverse()],
    label: { x, y, angle: Math.abs(sin) > 0.5 ? -Math.PI / 2 : 0 },
    general: false,
  });
  return { depth };
}

function edge(put: (along: number, out: number) => [number, number], seats: number, out: number): [number, number][] {
  const half = (seats - 1) / 2 + MARGIN * 0.8;
  const steps = Math.max(2, Math.min(24, Math.round(seats / 3)));
  return Array.from({ length: steps + 1 }, (_, step) => put(-half + (2 * half * step) / steps, out));
}

function standing(plan: Plan, number: number, left: number, top: number, width: number, height: number): void {
  plan.areas.push({
    section: number,
    name: plan.sections[number]!.section,
    outline: rectangle(left, top, width, height),
    label: { x: left + width / 2, y: top + height / 2, angle: 0 },
    general: true,
  });
  pricesOf(plan, plan.sections[number]!);
}

function widest(section: SectionLayout): number {
  return section.rows.reduce((most, row) => Math.max(most, row.seat_ids.length), 1);
}

// ------------------------------------------------------------------------------------------------------------- halls

/** A stage or a screen in front; sections one behind the other, their rows bent around it. */
function hall(plan: Plan, kind: Kind): void {
  const width = Math.max(8, ...plan.sections.map(widest));
  // Sections behind others share the point around which rows bend, so that the whole hall is one fan.
  const first = kind === "movie" ? width * 1.6 : width * 0.95;
  const stage = kind === "movie" ? "screen" : "stage";
  const stageWidth = Math.min(width * 0.8, Math.max(7, width * 0.62));
  const stageDepth = stage === "screen" ? 0.5 : Math.max(2.2, width * 0.09);
  let out = 0;
  for (const [number, section] of plan.sections.entries()) {
    if (section.general_admission) {
      const height = Math.max(3.2, width * 0.16);
      standing(plan, number, -width * 0.3, first + out - 0.5, width * 0.6, height);
      out += height + 2.4;
      continue;
    }
    const { depth } = stand(plan, number, { distance: first + out, radius: first + out, turn: 0 });
    out += depth + 3;
  }
  const front = first - sag(width, first) * 0.2 - stageDepth - (stage === "screen" ? 2.6 : 2.2);
  plan.marks.push({
    what: stage,
    outline: stage === "screen" ? screen(stageWidth, front) : apron(stageWidth, stageDepth, front),
    label: { x: 0, y: front + stageDepth / 2 },
  });
}

function sag(width: number, radius: number): number {
  return (width * width) / (8 * radius);
}

function apron(width: number, depth: number, top: number): [number, number][] {
  const half = width / 2;
  const curve = Array.from({ length: 17 }, (_, step): [number, number] => {
    const along = 1 - step / 8;
    return [half * along, top + depth * (0.72 + 0.28 * (1 - along * along))];
  });
  return [[-half * 0.92, top], [half * 0.92, top], ...curve];
}

function screen(width: number, top: number): [number, number][] {
  const half = width / 2;
  const upper = Array.from({ length: 17 }, (_, step): [number, number] => {
    const along = step / 8 - 1;
    return [half * along, top + 0.7 * (1 - along * along) * -1 + 0.7];
  });
  const lower = upper.map(([x, y]): [number, number] => [x, y + 0.42]).reverse();
  return [...upper, ...lower];
}

// -------------------------------------------------------------------------------------------------------------- bowl

type Side = "north" | "east" | "south" | "west" | "centre";
const TURNS: Record<Exclude<Side, "centre">, number> = { south: 0, west: Math.PI / 2, north: Math.PI, east: -Math.PI / 2 };

function sideOf(name: string): Exclude<Side, "centre"> | null {
  const found = /(?:^|[^a-z])(north|east|south|west)(?:[^a-z]|$)/i.exec(name);
  return found ? (found[1]!.toLowerCase() as Exclude<Side, "centre">) : null;
}

/** Stands around a pitch, one tier behind the other; what names no side stands on the pitch. */
function bowl(plan: Plan, sides: (Side | null)[]): void {
  const of = (side: Side): number[] => sides.flatMap((one, at) => ((one ?? "centre") === side ? [at] : []));
  const inner = (side: Side): number => {
    const first = of(side)[0];
    return first === undefined ? 0 : widest(plan.sections[first]!);
  };
  const floor = of("centre");
  const floorDepth = floor.reduce((sum, at) => sum + plan.sections[at]!.rows.length * ROW_PITCH + 2, 0);
  const floorWidth = floor.reduce((most, at) => Math.max(most, widest(plan.sections[at]!)), 0);
  const halfWidth = Math.max(inner("north"), inner("south"), floorWidth + 8, 20) / 2 + 1;
  const halfHeight = Math.max(inner("east"), inner("west"), floorDepth + 6, 12) / 2 + 1;
  for (const side of ["north", "east", "south", "west"] as const) {
    let distance = (side === "north" || side === "south" ? halfHeight : halfWidth) + 3;
    for (const number of of(side)) {
      const section = plan.sections[number]!;
      const { depth } = stand(plan, number, { distance, radius: widest(section) * 1.9 + distance * 0.4, turn: TURNS[side] });
      distance += depth + 3.4;
    }
  }
  plan.marks.push({
    what: "pitch",
    outline: rounded(-halfWidth, -halfHeight, halfWidth * 2, halfHeight * 2, 5),
    label: { x: 0, y: floor.length ? -halfHeight + 2 : 0 },
  });
  let out = -floorDepth / 2 + 1;
  for (const number of floor) {
    const section = plan.sections[number]!;
    if (section.general_admission) {
      standing(plan, number, -halfWidth * 0.6, out, halfWidth * 1.2, Math.max(6, halfHeight));
      out += Math.max(6, halfHeight) + 2;
    } else {
      out += stand(plan, number, { distance: out, radius: Infinity, turn: 0 }).depth + 3;
    }
  }
}

// ------------------------------------------------------------------------------------------------------------- train

/** Coaches one below the other, each as one looks at it from above: rows from left to right, an aisle in the middle. */
function coaches(plan: Plan): void {
  let top = 0;
  for (const [number, section] of plan.sections.entries()) {
    const across = widest(section);
    const aisle = across > 2 ? Math.ceil(across / 2) : across;
    const height = across + (across > 2 ? 0.9 : 0);
    const priceOf = pricesOf(plan, section);
    const accessible = new Set(section.accessible);
    let position = 0;
    section.rows.forEach((row, at) => {
      const label = rowLabel(row.row);
      row.seat_ids.forEach((id, seat) => {
        plan.seats.push({
          id,
          row: label,
          number: numberOf(id, seat),
          section: number,
          position: position++,
          x: at * 1.3,
          y: top + seat + (seat >= aisle ? 0.9 : 0),
          price: priceOf(id),
          accessible: accessible.has(id),
        });
      });
      if (label) plan.rowLabels.push({ text: label, x: at * 1.3, y: top + aisle - 0.05 });
    });
    const length = Math.max(0, section.rows.length - 1) * 1.3;
    plan.areas.push({
      section: number,
      name: section.section,
      outline: rounded(-2.6, top - 1.1, length + 5.2, height + 1.2, 1.3),
      label: { x: length / 2, y: top - 1.9, angle: 0 },
      general: section.general_admission,
    });
    top += height + 4.2;
  }
}

// ------------------------------------------------------------------------------------------------------------ shapes

function rectangle(left: number, top: number, width: number, height: number): [number, number][] {
  return [
    [left, top],
    [left + width, top],
    [left + width, top + height],
    [left, top + height],
  ];
}

function rounded(left: number, top: number, width: number, height: number, radius: number): [number, number][] {
  const corners: [number, number, number][] = [
    [left + width - radius, top + radius, -Math.PI / 2],
    [left + width - radius, top + height - radius, 0],
    [left + radius, top + height - radius, Math.PI / 2],
    [left + radius, top + radius, Math.PI],
  ];
  return corners.flatMap(([x, y, from]) =>
    Array.from({ length: 7 }, (_, step): [number, number] => {
      const angle = from + (step / 6) * (Math.PI / 2);
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    }),
  );
}

function boundsOf(plan: Plan): Plan["bounds"] {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  const take = (x: number, y: number): void => {
    if (x < bounds.left) bounds.left = x;
    if (x > bounds.right) bounds.right = x;
    if (y < bounds.top) bounds.top = y;
    if (y > bounds.bottom) bounds.bottom = y;
  };
  for (const { outline } of [...plan.areas, ...plan.marks]) for (const [x, y] of outline) take(x, y);
  for (const area of plan.areas) take(area.label.x, area.label.y - 0.8);
  return { left: bounds.left - 1, top: bounds.top - 1, right: bounds.right + 1, bottom: bounds.bottom + 1 };
}

// ------------------------------------------------------------------------------------------------------------- names

/** What stands at the end of a seat's id as its number; where there is none, its place in the row. */
export function numberOf(id: string, index: number): string {
  return /(\d+)$/.exec(id)?.[1] ?? (/([A-Za-z])$/.exec(id)?.[1] || String(index + 1));
}

/** A row's label without the dash that parts it from the number. */
export function rowLabel(row: string): string {
  return row.replace(/[-_.~]+$/, "");
}
