// Colours of the map, from the page's own custom properties (styles/tokens.css), so that light and dark are said once.
import type { Theme } from "./draw";

function read(from: Element): (name: string) => string {
  const style = getComputedStyle(from);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

export function themeNow(from: Element): Theme {
  const colour = read(from);
  return {
    ground: colour("map-ground"),
    area: colour("map-area"),
    areaLine: colour("line"),
    mark: colour("map-mark"),
    markInk: colour("map-mark-ink"),
    ink: colour("ink"),
    soft: colour("ink-soft"),
    halo: colour("map-ground"),
    font: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  };
}

/** How many hues price categories have; beyond these they begin anew. */
export const HUES = 7;

export function hue(price: number): number {
  return price < 0 ? 0 : price % HUES;
}

export interface SeatColours {
  hues: { fill: string; ink: string }[];
  taken: string;
  held: string;
  picked: string;
  pickedInk: string;
  ring: string;
  own: string;
  ownInk: string;
}

export function seatColours(from: Element): SeatColours {
  const colour = read(from);
  return {
    hues: Array.from({ length: HUES }, (_, at) => ({ fill: colour(`hue-${at}`), ink: colour(`hue-${at}-ink`) })),
    taken: colour("seat-taken"),
    held: colour("seat-held"),
    picked: colour("seat-picked"),
    pickedInk: colour("seat-picked-ink"),
    ring: colour("seat-ring"),
    own: colour("good"),
    ownInk: colour("ground"),
  };
}

export interface HeatColours {
  free: string;
  freeInk: string;
  held: string;
  booked: string;
  fresh: string;
  kept: string;
  keptInk: string;
  ink: string;
  picked: string;
  pickedInk: string;
  ring: string;
}

export function heatColours(from: Element): HeatColours {
  const colour = read(from);
  return {
    free: colour("heat-free"),
    freeInk: colour("heat-free-ink"),
    held: colour("heat-held"),
    booked: colour("heat-booked"),
    fresh: colour("heat-fresh"),
    kept: colour("heat-kept"),
    keptInk: colour("ground"),
    ink: colour("heat-ink"),
    picked: colour("seat-picked"),
    pickedInk: colour("seat-picked-ink"),
    ring: colour("seat-ring"),
  };
}
