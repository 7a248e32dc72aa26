"""Style: how every chart of ours looks, and how it becomes a file. Quiet, on a white ground of its own.

Text stays text, so that it can be read aloud, searched and scaled; a viewer without our font takes one of about the
same width. Whatever differs from run to run, dates and random ids, is left out of the file.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from loadtest.growth.series import Series

INK: Final = "#24292f"
QUIET: Final = "#57606a"
LINES: Final = "#d8dee4"
COLOURS: Final = ("#0b62a4", "#d1600a", "#1a7f5a", "#8c4aa8", "#a8324a", "#6b6f12", "#2a8fa8", "#7a5230", "#444b54")
"""Dark enough on white; marks differ besides, for those who do not see all colours."""
MARKS: Final = "os^Dv<>Ph"
MARKED_AT_MOST: Final = 20
"""Points of a curve; of more than these nobody tells one mark from the next."""
LINES_OF_REFERENCE: Final = (0, (4, 3))
WIDTH_INCHES: Final = 7.6
PANEL_INCHES: Final = 2.6
ALONE_INCHES: Final = 3.6
TITLE_INCHES: Final = 0.6
FOOT_INCHES: Final = 0.35
NAMES_ABREAST: Final = 4

_SETTINGS: Final[dict[str, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "frontrow",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Geneva", "Arial"],
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
}
_THOUSAND: Final = 1_000
_TEN_THOUSAND: Final = 10_000
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart that is ready: its title in words, and the figure."""

    title: str
    figure: Figure


def styled() -> AbstractContextManager[None]:
    """Have everything that is drawn meanwhile look as ours does."""
    return mpl.rc_context(_SETTINGS)  # type: ignore[arg-type]  # its names are a closed list for mypy, ours are some


def sheet(title: str, around: str, panels: int = 1) -> tuple[Drawn, list[Axes]]:
    """Return an empty chart with so many panels below each other. ``around``: commit and date, in small type below."""
    with styled():
        height = (ALONE_INCHES if panels == 1 else PANEL_INCHES * panels) + TITLE_INCHES + FOOT_INCHES
        figure = Figure(figsize=(WIDTH_INCHES, height), facecolor="white", layout="constrained")
        foot, head = FOOT_INCHES / height, TITLE_INCHES / height
        if (engine := figure.get_layout_engine()) is not None:
            engine.set(rect=(0.01, foot, 0.98, 1 - head - foot), hspace=0.1)  # type: ignore[call-arg]
        figure.text(0.02, 1 - head / 2, title, fontsize=11, fontweight="bold", va="center")
        figure.text(0.02, foot / 2, around, fontsize=7, color=QUIET, va="center")
        below_each_other = list(figure.subplots(panels, 1, squeeze=False).flat)
        for panel in below_each_other:
            panel.spines[["top", "right"]].set_visible(False)
            panel.grid(visible=True, color=LINES, linewidth=0.6)
            panel.set_axisbelow(True)
            panel.tick_params(length=3)
    return Drawn(title, figure), below_each_other


def curves(panel: Axes, series: Sequence[Series], *, log_x: bool = False, log_y: bool = False) -> None:
    """Draw series of one measure into a panel, each with its least and most, and name them above it."""
    with styled():
        for one, colour, mark in zip(series, COLOURS, MARKS, strict=False):
            x = [point.x for point in one.points]
            least, most = [point.min for point in one.points], [point.max for point in one.points]
            panel.fill_between(x, least, most, color=colour, alpha=0.16, linewidth=0)
            panel.plot(
                x,
                [point.median for point in one.points],
                color=colour,
                marker=mark if len(x) <= MARKED_AT_MOST else "",
                markersize=4,
                linewidth=1.5,
                label=one.what,
            )
        panel.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=min(len(series), NAMES_ABREAST),
            frameon=False,
            fontsize=8,
            borderaxespad=0.2,
            handlelength=1.6,
            columnspacing=1.2,
        )
        _scale(panel, series, log_x=log_x, log_y=log_y)


def around(series: Sequence[Series], machine: str, *, rounds: bool = True) -> str:
    """Return of which commits and dates a chart's figures are, and on what; ``rounds``: whether a band is seen."""
    runs = sorted({(one.at, one.commit) for one in series})
    measured = "; ".join(f"commit {commit}, {at}" for at, commit in runs)
    band = " Line: median of the rounds, band: least to most." if rounds else ""
    return f"{measured}. {machine.partition(',')[0]}.{band}"


def save(drawn: Drawn, file: Path) -> None:
    """Write it as SVG; the same chart gives the same bytes."""
    with styled():
        file.parent.mkdir(parents=True, exist_ok=True)
        told = {"Title": drawn.title, "Date": None, "Creator": None}
        drawn.figure.savefig(file, format="svg", facecolor="white", metadata=told)


def short(value: float) -> str:
    """Return a number as a person would write it: 1,500 as it is, 100,000 as 100 k, five millions as 5 M."""
    if abs(value) >= _MILLION:
        return f"{value / _MILLION:g} M"
    if abs(value) >= _TEN_THOUSAND:
        return f"{value / _THOUSAND:g} k"
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value:g}"


def _scale(panel: Axes, series: Sequence[Series], *, log_x: bool, log_y: bool) -> None:
    """Name the axes with their units and choose their scales; what is not logarithmic begins at nothing."""
    one = series[0]
    panel.set_xlabel(f"{one.x_name} ({one.x_unit})" if one.x_unit else one.x_name)
    panel.set_ylabel(f"{one.y_name} ({one.y_unit})" if one.y_unit else one.y_name)
    if log_x:
        panel.set_xscale("log")
        panel.set_xticks(sorted({point.x for each in series for point in each.points}), minor=False)
        panel.set_xticks([], minor=True)
    if log_y:
        panel.set_yscale("log")
        # Three labels a power of ten, all written alike, so that a panel of less than one has more than one.
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_minor_formatter(NullFormatter())
    else:
        panel.set_ylim(bottom=0)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _position: short(value)))
