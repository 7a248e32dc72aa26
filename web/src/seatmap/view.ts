// The view: which part of a plan is seen, and how fingers, wheel and keys move it. It draws more than is seen and then only
// moves the picture (the compositor's work), so that panning costs nothing however many seats there are; it draws anew
// when the picture runs out, or has rested.
import { draw, type Painter, type Theme, type View, type Words } from "./draw";
import type { Plan } from "./plan";

/** How much more than the window is drawn on each side, as a part of the window. */
const SPARE = 0.4;
/** No canvas is larger than this, in device pixels a side: browsers refuse those that are. */
const LARGEST_CANVAS = 4096;
/** A hall that is shown whole leaves a margin. */
const FILLED = 0.96;
const REST_MS = 120;
const GLIDE_MS = 200;
/** The largest a seat is drawn, and how large it is when somebody has zoomed in to pick, in CSS pixels. */
const LARGEST_SEAT = 46;
export const PICKING_SEAT = 26;

export interface Shown {
  plan: Plan;
  painter: Painter;
  theme: Theme;
  words: Words;
}

/** From where to where the window is seen: bars of the page may lie above it. */
export interface Seen {
  top: number;
  bottom: number;
}

/** Whether people asked their device for less motion. */
export function movesLittle(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** How far from an edge something is well seen, in CSS pixels. */
const EDGE = 44;

/** By how much to move what is too near to an edge, or beyond it. */
function inward(at: number, from: number, till: number): number {
  const edge = Math.min(EDGE, Math.max(0, (till - from) / 2));
  return at < from + edge ? from + edge - at : at > till - edge ? till - edge - at : 0;
}

export class MapView {
  view: View = { k: 1, x: 0, y: 0 };
  /** On its way to another view, by itself. */
  gliding = false;
  private fit = 1;
  private drawn: (View & { spareX: number; spareY: number; width: number; height: number }) | null = null;
  private frame = 0;
  private rest = 0;
  private glide = 0;
  private width = 0;
  private height = 0;
  private stale = true;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private shown: Shown,
    private readonly moved: () => void,
  ) {}

  get isFit(): boolean {
    return this.view.k <= this.fit * 1.02;
  }

  show(shown: Shown): void {
    const other = shown.plan !== this.shown.plan;
    this.shown = shown;
    if (other) this.fitAll(false);
    this.redraw();
  }

  resize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    const whole = this.width === 0 || this.isFit;
    this.width = width;
    this.height = height;
    this.drawn = null;
    if (whole) this.fitAll(false);
    else this.set(this.view);
  }

  /** Draw again at the next frame: something looks different. */
  redraw(): void {
    this.stale = true;
    this.plan();
  }

  fitAll(gliding = true): void {
    const { left, top, right, bottom } = this.shown.plan.bounds;
    this.fit = Math.min(LARGEST_SEAT, (this.width * FILLED) / (right - left), (this.height * FILLED) / (bottom - top));
    const to = {
      k: this.fit,
      x: this.width / 2 - ((left + right) / 2) * this.fit,
      y: this.height / 2 - ((top + bottom) / 2) * this.fit,
    };
    if (gliding) this.glideTo(to);
    else this.set(to);
  }

  /** Zoom by a factor about a point of the window. */
  zoom(by: number, x = this.width / 2, y = this.height / 2, gliding = false): void {
    const k = Math.min(LARGEST_SEAT, Math.max(this.fit, this.view.k * by));
    const to = { k, x: x - ((x - this.view.x) / this.view.k) * k, y: y - ((y - this.view.y) / this.view.k) * k };
    if (gliding) this.glideTo(to);
    else this.set(to);
  }

  /** Come closer to a point of the plan, which comes to stand at a point of the window. */
  zoomTo(k: number, planX: number, planY: number, at = { x: this.width / 2, y: this.height / 2 }): void {
    const larger = Math.min(LARGEST_SEAT, Math.max(this.fit, k));
    this.glideTo({ k: larger, x: at.x - planX * larger, y: at.y - planY * larger });
  }

  pan(dx: number, dy: number): void {
    this.set({ ...this.view, x: this.view.x + dx, y: this.view.y + dy });
  }

  /** Bring a point into the part of the window that is seen. Returns by how much it is still too low: where the plan's
      edge keeps it from moving further, only the page can. */
  reveal(planX: number, planY: number, seen: Seen = { top: 0, bottom: this.height }): number {
    const { x, y } = this.toWindow(planX, planY);
    const to = this.kept({ ...this.view, x: this.view.x + inward(x, 0, this.width), y: this.view.y + inward(y, seen.top, seen.bottom) });
    const moved = to.y - this.view.y;
    if (to.x !== this.view.x || moved) this.glideTo(to);
    return -inward(y + moved, seen.top, seen.bottom);
  }

  /** A point of the window, or the nearest one to it that is well seen. */
  nearby(x: number, y: number, seen: Seen): { x: number; y: number } {
    return { x: x + inward(x, 0, this.width), y: y + inward(y, seen.top, seen.bottom) };
  }

  get size(): { width: number; height: number } {
    return { width: this.width, height: this.height };
  }

  toPlan(x: number, y: number): { x: number; y: number } {
    return { x: (x - this.view.x) / this.view.k, y: (y - this.view.y) / this.view.k };
  }

  toWindow(planX: number, planY: number): { x: number; y: number } {
    return { x: planX * this.view.k + this.view.x, y: planY * this.view.k + this.view.y };
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.glide);
    clearTimeout(this.rest);
  }

  private set(to: View): void {
    this.view = this.kept(to);
    this.plan();
    this.moved();
  }

  private kept(to: View): View {
    const { left, top, right, bottom } = this.shown.plan.bounds;
    // At least the middle of the window, or half of the plan where that is less, stays filled.
    const hold = (at: number, from: number, till: number, size: number): number => {
      const low = from * to.k + at;
      const high = till * to.k + at;
      if (high - low <= size) return at + (size - (high + low)) / 2;
      if (low > size / 3) return at - (low - size / 3);
      if (high < (size * 2) / 3) return at + ((size * 2) / 3 - high);
      return at;
    };
    return { k: to.k, x: hold(to.x, left, right, this.width), y: hold(to.y, top, bottom, this.height) };
  }

  private glideTo(to: View): void {
    cancelAnimationFrame(this.glide);
    this.gliding = false;
    if (movesLittle()) {
      this.set(to);
      return;
    }
    this.gliding = true;
    const from = this.view;
    const began = performance.now();
    const step = (now: number): void => {
      const part = Math.min(1, Math.max(0, (now - began) / GLIDE_MS));
      const eased = 1 - (1 - part) ** 3;
      this.gliding = part < 1;
      const mix = (a: number, b: number): number => a + (b - a) * eased;
      this.set({ k: mix(from.k, to.k), x: mix(from.x, to.x), y: mix(from.y, to.y) });
      if (part < 1) this.glide = requestAnimationFrame(step);
    };
    this.glide = requestAnimationFrame(step);
  }

  private plan(): void {
    if (!this.frame) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.paint();
      });
    }
  }

  private paint(): void {
    if (!this.width || !this.height) return;
    if (this.stale || !this.covers()) this.drawAll();
    const drawn = this.drawn!;
    const scale = this.view.k / drawn.k;
    // A picture at its own size stands on whole pixels, or it would be blurred.
    const whole = (at: number): number => (scale === 1 ? Math.round(at) : at);
    const x = whole(this.view.x - scale * (drawn.x + drawn.spareX));
    const y = whole(this.view.y - scale * (drawn.y + drawn.spareY));
    this.canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    clearTimeout(this.rest);
    if (scale !== 1) this.rest = window.setTimeout(() => this.redraw(), REST_MS);
  }

  /** Whether the picture that was drawn fills the window, sharp enough. */
  private covers(): boolean {
    const drawn = this.drawn;
    if (!drawn) return false;
    const scale = this.view.k / drawn.k;
    if (scale > 3 || scale < 0.4) return false;
    const left = this.view.x - scale * (drawn.x + drawn.spareX);
    const top = this.view.y - scale * (drawn.y + drawn.spareY);
    return left <= 0 && top <= 0 && left + drawn.width * scale >= this.width && top + drawn.height * scale >= this.height;
  }

  private drawAll(): void {
    const ratio = devicePixelRatio || 1;
    const most = LARGEST_CANVAS / ratio;
    const spare = (size: number): number => Math.max(0, Math.min(size * SPARE, (most - size) / 2));
    const spareX = spare(this.width);
    const spareY = spare(this.height);
    const width = this.width + 2 * spareX;
    const height = this.height + 2 * spareY;
    const ctx = this.canvas.getContext("2d", { alpha: false })!;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const view = { k: this.view.k, x: this.view.x + spareX, y: this.view.y + spareY };
    draw(ctx, { width, height }, this.shown.plan, view, this.shown.painter, this.shown.theme, this.shown.words);
    this.drawn = { ...this.view, spareX, spareY, width, height };
    this.stale = false;
  }
}
