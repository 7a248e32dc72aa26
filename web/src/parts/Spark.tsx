// A figure with its last few minutes as a line.
import type { JSX } from "preact";

const WIDTH = 120;
const HEIGHT = 28;

export function Spark({ words, value, values }: { words: string; value: string; values: number[] }): JSX.Element {
  const most = Math.max(1e-9, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((one, at) => `${(at * step).toFixed(1)},${(HEIGHT - 2 - (one / most) * (HEIGHT - 4)).toFixed(1)}`).join(" ");
  return (
    <div class="spark">
      <span class="soft">{words}</span>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {values.length > 1 && <polyline points={points} fill="none" stroke="currentColor" stroke-width="1.6" vector-effect="non-scaling-stroke" />}
      </svg>
      <strong>{value}</strong>
    </div>
  );
}
