// Drawing: a plan on a canvas, at any zoom. Pure but for the canvas; what a seat looks like is said by a painter, so that
// the same drawing shows a sale to a customer and its heat to an organiser.
import type { Area, Plan } from "./plan";

/** Screen = plan * k + (x, y), in CSS pixels. */
export interface View {
  k: number;
  x: number;
  y: number;
}

export interface Style {
  fill: string;
  /** Part of the pitch that a seat takes. */
  size: number;
  /** Only its rim is drawn. */
  hollow?: boolean;
  ring?: string;
  ink?: string;
  round?: boolean;
}

export interface Painter {
  styles: Style[];
  /** Which style a seat has; asked for each that is drawn. */
  of: (seat: number) => number;
}

export interface Theme {
  ground: string;
  area: string;
  areaLine: string;
  mark: string;
  markInk: string;
  ink: string;
  soft: string;
  halo: string;
  font: string;
}

export interface Words {
  mark: (what: string) => string;
  area: (section: number) => { title: string; detail: string };
}

/** Below these sizes of a seat, in CSS pixels, its number, its row's label and its rounding are not drawn. */
const NUMBERS_FROM = 17;
const ROWS_FROM = 8;
const ROUND_FROM = 7;
/** Above this size, sections are recognised by their seats and are not written across them. */
const NAMES_UP_TO = 9;

export function draw(
  ctx: CanvasRenderingContext2D,
  size: { width: number; height: number },
  plan: Plan,
  view: View,
  painter: Painter,
  theme: Theme,
  words: Words,
): void {
  ctx.fillStyle = theme.ground;
  ctx.fillRect(0, 0, size.width, size.height);
  for (const area of plan.areas) outline(ctx, area.outline, view, theme.area, theme.areaLine, area.general ? 0.6 : 0.45);
  for (const mark of plan.marks) {
    outline(ctx, mark.outline, view, mark.what === "pitch" ? theme.area : theme.mark, theme.areaLine, 0.3);
    const text = Math.min(18, Math.max(9, view.k * (mark.what === "pitch" ? 3 : 1.1)));
    ctx.font = `600 ${text}px ${theme.font}`;
    ctx.fillStyle = mark.what === "pitch" ? theme.soft : theme.markInk;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const below = mark.what === "screen" ? text * 1.1 : 0;
    ctx.fillText(words.mark(mark.what), mark.label.x * view.k + view.x, mark.label.y * view.k + view.y + below);
  }
  seats(ctx, size, plan, view, painter, theme);
  if (view.k >= ROWS_FROM) rows(ctx, plan, view, theme);
  names(ctx, plan, view, theme, words);
}

function outline(
  ctx: CanvasRenderingContext2D,
  points: [number, number][],
  view: View,
  fill: string,
  line: string,
  rounding: number,
): void {
  ctx.beginPath();
  points.forEach(([x, y], at) => {
    if (at === 0) ctx.moveTo(x * view.k + view.x, y * view.k + view.y);
    else ctx.lineTo(x * view.k + view.x, y * view.k + view.y);
  });
  ctx.closePath();
  ctx.lineJoin = "round";
  ctx.fillStyle = fill;
  ctx.strokeStyle = fill;
  ctx.lineWidth = rounding * view.k;
  ctx.stroke();
  ctx.fill();
  ctx.strokeStyle = line;
  ctx.lineWidth = 1;
}

function seats(
  ctx: CanvasRenderingContext2D,
  size: { width: number; height: number },
  plan: Plan,
  view: View,
  painter: Painter,
  theme: Theme,
): void {
  const groups: number[][] = painter.styles.map(() => []);
  const reach = view.k;
  for (let index = 0; index < plan.seats.length; index++) {
    const seat = plan.seats[index]!;
    const x = seat.x * view.k + view.x;
    const y = seat.y * view.k + view.y;
    if (x < -reach || y < -reach || x > size.width + reach || y > size.height + reach) continue;
    groups[painter.of(index)]!.push(index);
  }
  painter.styles.forEach((style, at) => {
    const members = groups[at]!;
    if (members.length) group(ctx, plan, view, style, members, theme);
  });
}

function group(ctx: CanvasRenderingContext2D, plan: Plan, view: View, style: Style, members: number[], theme: Theme): void {
  const side = Math.max(1, view.k * style.size);
  const rounded = view.k >= ROUND_FROM;
  ctx.beginPath();
  for (const index of members) {
    const seat = plan.seats[index]!;
    const x = seat.x * view.k + view.x - side / 2;
    const y = seat.y * view.k + view.y - side / 2;
    if (rounded) ctx.roundRect(x, y, side, side, style.round ? side / 2 : side * 0.28);
    else ctx.rect(x, y, side, side);
  }
  if (style.hollow && rounded) {
    ctx.strokeStyle = style.fill;
    ctx.lineWidth = Math.max(1, view.k * 0.09);
    ctx.stroke();
  } else {
    ctx.fillStyle = style.fill;
    ctx.fill();
  }
  if (style.ring) {
    ctx.strokeStyle = style.ring;
    ctx.lineWidth = Math.max(1.5, view.k * 0.1);
    ctx.stroke();
  }
  if (style.ink && view.k >= NUMBERS_FROM) {
    ctx.fillStyle = style.ink;
    ctx.font = `600 ${Math.min(14, view.k * 0.38)}px ${theme.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const index of members) {
      const seat = plan.seats[index]!;
      const text = seat.accessible ? "♿" : seat.number;
      ctx.fillText(text, seat.x * view.k + view.x, seat.y * view.k + view.y + 0.5);
    }
  }
}

function rows(ctx: CanvasRenderingContext2D, plan: Plan, view: View, theme: Theme): void {
  ctx.font = `600 ${Math.max(9, Math.min(13, view.k * 0.55))}px ${theme.font}`;
  ctx.fillStyle = theme.soft;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const label of plan.rowLabels) ctx.fillText(label.text, label.x * view.k + view.x, label.y * view.k + view.y);
}

function names(ctx: CanvasRenderingContext2D, plan: Plan, view: View, theme: Theme, words: Words): void {
  for (const area of plan.areas) {
    const outside = !area.general && isBeside(area);
    if (!outside && !area.general && view.k > NAMES_UP_TO) continue;
    const { title, detail } = words.area(area.section);
    ctx.save();
    ctx.translate(area.label.x * view.k + view.x, area.label.y * view.k + view.y);
    ctx.rotate(area.label.angle);
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const size = outside ? Math.min(14, Math.max(9, view.k * 0.9)) : 13;
    halo(ctx, title, 0, outside ? 0 : -7, `650 ${size}px ${theme.font}`, theme);
    if (!outside && detail) halo(ctx, detail, 0, 9, `500 11px ${theme.font}`, theme);
    ctx.restore();
  }
}

/** Whether a name stands beside its seats and not across them: a coach's does. */
function isBeside(area: Area): boolean {
  const tops = area.outline.map(([, y]) => y);
  return area.label.angle === 0 && area.label.y < Math.min(...tops);
}

function halo(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, font: string, theme: Theme): void {
  ctx.font = font;
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.halo;
  ctx.lineWidth = 5;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = theme.ink;
  ctx.fillText(text, x, y);
}
