"""``make charts``: draw what ``loadtest/results`` has figures of, into the same folder.

Exit status 0 also where there is nothing to draw, and 2 when a file is not readable as what it should be.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from loadtest.charts import cost, growing, load, memory
from loadtest.charts.cost import Costs
from loadtest.charts.style import Drawn, save
from loadtest.growth.series import Growth, read

RESULTS: Final = Path(__file__).parents[1] / "results"


def main() -> int:
    """Draw every chart; returns the process' exit status."""
    arguments = _arguments()
    try:
        growth, costs = read(arguments.growth), cost.read(arguments.bench)
    except (ValueError, KeyError, TypeError, json.JSONDecodeError) as wrong:
        sys.stderr.write(f"These are no figures of ours: {type(wrong).__name__}: {wrong}\n")
        return 2
    for name, drawn in charts(growth, costs):
        if drawn is None:
            print(f"{name}: not measured yet")
        else:
            save(drawn, arguments.into / name)
            print(f"{name}: {drawn.title}")
    return 0


def charts(growth: Growth, costs: Costs | None) -> Iterator[tuple[str, Drawn | None]]:
    """Yield each chart's file name, and the chart where there are figures for it."""
    yield "throughput.svg", load.throughput(growth)
    yield "latency.svg", load.latency(growth)
    yield "cost.svg", cost.draw(costs)
    yield "growth-seats.svg", growing.seats(growth)
    yield "growth-events.svg", growing.events(growth)
    yield "growth-bookings.svg", growing.bookings(growth)
    yield "growth-processes.svg", growing.processes(growth)
    yield "growth-streams.svg", growing.streams(growth)
    yield "memory.svg", memory.draw(growth)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.charts", description="Draw what was measured, as SVG files."
    )
    parser.add_argument("--growth", type=Path, default=RESULTS / "growth.json", help="what make bench-growth wrote")
    parser.add_argument("--bench", type=Path, default=RESULTS / "bench.json", help="what make bench wrote")
    parser.add_argument("--into", type=Path, default=RESULTS, help="the folder of the charts")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
