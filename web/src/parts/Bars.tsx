// A small chart of bars, with the same numbers as text for who cannot see it.
import type { JSX } from "preact";
import { count } from "../format";

interface Props {
  bars: { label: string; value: number }[];
  label: string;
  none: string;
}

const HEIGHT = 100;
const WIDTH = 600;

export function Bars({ bars, label, none }: Props): JSX.Element {
  if (!bars.length) return <p class="soft">{none}</p>;
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const step = WIDTH / Math.max(12, bars.length);
  return (
    <figure class="bars">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {bars.map((bar, at) => {
          const height = Math.max(2, (bar.value / most) * (HEIGHT - 4));
          return <rect x={at * step + step * 0.12} y={HEIGHT - height} width={step * 0.76} height={height} rx="2" />;
        })}
      </svg>
      <figcaption class="bars-foot" aria-hidden="true">
        <span>{bars[0]!.label}</span>
        <span>max {count(most)}</span>
        <span>{bars.at(-1)!.label}</span>
      </figcaption>
      <ul class="hidden" aria-label={label}>
        {bars.map((bar) => (
          <li>
            {bar.label}: {count(bar.value)}
          </li>
        ))}
      </ul>
    </figure>
  );
}
