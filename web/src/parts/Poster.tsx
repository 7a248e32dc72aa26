// Posters: a picture for each event, drawn from its id and kind, since the API has none. Always the same one for the same
// event; shapes in the poster's own colours, no text.
import type { JSX } from "preact";
import type { Kind } from "../types";

const PALETTES = [
  ["#312e81", "#6366f1", "#f9a8d4", "#fde68a"],
  ["#134e4a", "#14b8a6", "#fde68a", "#fecaca"],
  ["#7c2d12", "#f97316", "#fef3c7", "#fda4af"],
  ["#1e1b4b", "#a855f7", "#f0abfc", "#bae6fd"],
  ["#0c4a6e", "#38bdf8", "#fef08a", "#f5d0fe"],
  ["#4c0519", "#e11d48", "#fecdd3", "#fde68a"],
] as const;

function numberOf(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  return hash >>> 0;
}

export function Poster({ id, kind }: { id: string; kind: Kind }): JSX.Element {
  const seed = numberOf(id);
  const colours = PALETTES[seed % PALETTES.length]!;
  const shape = MOTIFS[kind] ?? MOTIFS.other;
  return (
    <svg class="poster" viewBox="0 0 320 180" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect width="320" height="180" fill={colours[0]} />
      {shape(colours, (part) => ((seed >>> (part * 3)) % 17) / 17)}
    </svg>
  );
}

type Motif = (colours: readonly string[], dice: (part: number) => number) => JSX.Element;

const rings = (x: number, y: number, radii: number[], colour: string, width: number): JSX.Element[] =>
  radii.map((radius, at) => (
    <circle cx={x} cy={y} r={radius} fill="none" stroke={colour} stroke-width={width} stroke-opacity={0.95 - at * 0.14} />
  ));

const MOTIFS: Record<Kind, Motif> = {
  concert: (c, dice) => {
    const x = 90 + dice(0) * 140;
    return (
      <g>
        {rings(x, 190, [150, 124, 98, 72], c[1]!, 13)}
        <circle cx={x} cy="190" r="46" fill={c[3]} />
        <path d={`M${x - 130} 0L${x - 20} 180M${x + 130} 0L${x + 20} 180`} stroke={c[2]} stroke-width="3" stroke-opacity=".55" />
      </g>
    );
  },
  theatre: (c, dice) => {
    const folds = Array.from({ length: 6 }, (_, at) => at);
    return (
      <g>
        <circle cx="160" cy={96 + dice(1) * 10} r="62" fill={c[3]} />
        <path d="M98 180Q160 118 222 180Z" fill={c[0]} fill-opacity=".35" />
        {folds.map((at) => (
          <g fill={at % 2 ? c[1] : c[2]} fill-opacity={at % 2 ? 1 : 0.85}>
            <path d={`M${at * 22} 0Q${at * 18 + 12} 90 ${at * 11 - 8} 180H${at * 11 - 32}Q${at * 18 - 10} 90 ${at * 22 - 24} 0Z`} />
            <path d={`M${320 - at * 22} 0Q${308 - at * 18} 90 ${328 - at * 11} 180H${352 - at * 11}Q${330 - at * 18} 90 ${344 - at * 22} 0Z`} />
          </g>
        ))}
      </g>
    );
  },
  movie: (c, dice) => (
    <g>
      <path d={`M24 ${40 + dice(0) * 20}L320 -30V180Z`} fill={c[1]} fill-opacity=".6" />
      <path d={`M24 ${40 + dice(0) * 20}L320 30V140Z`} fill={c[2]} fill-opacity=".75" />
      <circle cx="34" cy={44 + dice(0) * 20} r="22" fill={c[3]} />
      <circle cx="34" cy={44 + dice(0) * 20} r="8" fill={c[0]} />
      {Array.from({ length: 12 }, (_, at) => (
        <rect x={at * 28 + 6} y="160" width="14" height="10" rx="3" fill={c[2]} fill-opacity=".55" />
      ))}
    </g>
  ),
  sports: (c, dice) => (
    <g>
      <ellipse cx="160" cy="96" rx="150" ry="82" fill={c[1]} fill-opacity=".55" />
      <ellipse cx="160" cy="96" rx="118" ry="60" fill={c[1]} />
      <rect x="86" y="62" width="148" height="68" rx="3" fill="none" stroke={c[3]} stroke-width="3" />
      <path d="M160 62V130" stroke={c[3]} stroke-width="3" />
      <circle cx="160" cy="96" r="17" fill="none" stroke={c[3]} stroke-width="3" />
      <circle cx={100 + dice(2) * 120} cy="40" r="10" fill={c[2]} />
    </g>
  ),
  train: (c, dice) => (
    <g>
      <circle cx={240 - dice(0) * 160} cy="58" r="34" fill={c[3]} />
      <path d="M0 124Q80 84 160 118T320 96V180H0Z" fill={c[1]} fill-opacity=".65" />
      <path d="M0 150H320" stroke={c[2]} stroke-width="3" />
      <path d="M20 142V112H252Q288 112 300 142Z" fill={c[2]} />
      {Array.from({ length: 7 }, (_, at) => (
        <rect x={34 + at * 30} y="118" width="20" height="12" rx="3" fill={c[0]} />
      ))}
    </g>
  ),
  other: (c, dice) => (
    <g>
      <path d={`M0 ${120 - dice(0) * 40}Q160 ${20 + dice(1) * 60} 320 ${110 - dice(2) * 40}V180H0Z`} fill={c[1]} />
      <path d={`M0 ${150 - dice(1) * 20}Q160 ${90 + dice(2) * 30} 320 150V180H0Z`} fill={c[2]} fill-opacity=".8" />
      <circle cx={60 + dice(3) * 200} cy="50" r="24" fill={c[3]} />
    </g>
  ),
};
