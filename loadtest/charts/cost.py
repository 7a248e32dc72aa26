"""Cost: how much processor time of each component one booking takes, from what ``make bench`` wrote."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loadtest.charts.style import COLOURS, Drawn, sheet, styled


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor time of an accepted booking in microseconds, by component, and of which run it is."""

    cpu_us: Mapping[str, float]
    commit: str
    machine: str
    at: str


def read(file: Path) -> Costs | None:
    """Return what the file has of costs; None when there is no file.

    Raises:
        ValueError, KeyError, TypeError: it is not ours.
    """
    if not file.exists():
        return None
    data = json.loads(file.read_text(encoding="utf-8"))
    return Costs(data["cpu_us"], data["commit"], data["machine"], data["at"])


def draw(costs: Costs | None) -> Drawn | None:
    """Return the bars, the dearest first, or None when there are no costs."""
    if costs is None or not costs.cpu_us:
        return None
    ordered = sorted(costs.cpu_us.items(), key=lambda item: (item[1], item[0]))
    total, (dearest, most) = sum(costs.cpu_us.values()), ordered[-1]
    title = f"A booking costs {total:,.0f} µs of processor time, {most:,.0f} of them in {dearest}"
    around = f"commit {costs.commit}, {costs.at}. {costs.machine.partition(',')[0]}."
    drawn, [panel] = sheet(title, around)
    with styled():
        bars = panel.barh([name for name, _ in ordered], [us for _, us in ordered], color=COLOURS[0], height=0.62)
        panel.bar_label(bars, [f"{us:,.0f}" for _, us in ordered], padding=4, fontsize=8.5)
    panel.set_xlabel("processor time a booking (µs)")
    panel.set_xlim(0, ordered[-1][1] * 1.12)
    panel.grid(visible=False, axis="y")
    panel.tick_params(axis="y", length=0)
    return drawn
