"""Load: what happens to throughput and latency as more and more is asked of the platform, whether it can or not."""

from typing import Any, Final

from loadtest.charts.style import LINES_OF_REFERENCE, QUIET, Drawn, around, curves, sheet
from loadtest.growth.names import DECIDED, OFFERED, RATE, SHOWN_P99, WAIT
from loadtest.growth.series import Growth, Series

SOON_MS: Final = 1_000
"""What few take for a wait."""


def throughput(growth: Growth) -> Drawn | None:
    """Return accepted, decided and refused a second against offered, or None when that was not measured."""
    decided, found = growth.find(OFFERED, DECIDED), growth.of(OFFERED, RATE)
    if decided is None:
        return None
    most = max(point.median for point in decided.points)
    drawn, [panel] = sheet(f"Up to {most:,.0f} bookings a second are decided", around(found, growth.machine))
    curves(panel, found)
    furthest = max(point.x for point in decided.points)
    panel.plot([0, furthest], [0, furthest], color=QUIET, linewidth=0.8, linestyle=LINES_OF_REFERENCE, zorder=1)
    end, aside = (furthest, furthest), (-14, 0)
    told: dict[str, Any] = {"fontsize": 7.5, "color": QUIET, "ha": "right", "va": "center"}
    panel.annotate("as many as offered", end, aside, textcoords="offset points", **told)
    panel.set_xlim(left=0)
    panel.set_ylim(top=max(panel.get_ylim()[1], furthest * 1.05))
    return drawn


def latency(growth: Growth) -> Drawn | None:
    """Return the percentiles of both waits against offered load, or None when they were not measured."""
    shown, found = growth.find(OFFERED, SHOWN_P99), growth.of(OFFERED, WAIT)
    if shown is None:
        return None
    drawn, [panel] = sheet(_of_latency(shown), around(found, growth.machine))
    curves(panel, found, log_y=True)
    panel.set_xlim(left=0)
    return drawn


def _of_latency(shown: Series) -> str:
    soon = [point for point in shown.points if point.median <= SOON_MS]
    if not soon:
        return f"One of 100 bookings waits longer than {SOON_MS:,} ms until it is shown"
    last = max(soon, key=lambda point: point.x)
    return f"At {last.x:,.0f} a second, 99 of 100 bookings are shown within {last.median:,.0f} ms"
