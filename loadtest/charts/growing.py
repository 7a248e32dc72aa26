"""Growing: what becomes of speed, time, disk and memory as halls, events, stored bookings and streams grow."""

from collections.abc import Sequence

from loadtest.charts.style import Drawn, around, curves, sheet, short
from loadtest.growth.names import (
    BOOKED,
    CPU_OF_A_STREAM,
    DISK,
    DRAIN,
    EVENTS,
    LAST_HEARS,
    OF_A_STREAM,
    OVER_ALL,
    PROCESSES,
    RATE,
    READ,
    SEATS,
    SERVER,
    SERVICE,
    START,
    STATUS_RATE,
    STORED,
    STREAMS,
    WAIT,
    Measure,
)
from loadtest.growth.series import Growth


def seats(growth: Growth) -> Drawn | None:
    """Return the chart of halls that grow, or None when that was not measured."""
    return _draw(
        growth, SEATS, (RATE, READ, WAIT), "Halls of {last} seats sell at {ratio:.2f} times the rate of {first}"
    )


def events(growth: Growth) -> Drawn | None:
    """Return the chart of more and more events, or None when that was not measured."""
    title = "With {last} events on sale a hall sells at {ratio:.2f} times the rate with {first}"
    return _draw(growth, EVENTS, (RATE, READ, START), title)


def bookings(growth: Growth) -> Drawn | None:
    """Return the chart of more and more bookings stored, or None when that was not measured."""
    title = "With {last} bookings stored the next are made at {ratio:.2f} times the rate with {first}"
    return _draw(growth, STORED, (RATE, DRAIN, READ, OVER_ALL, DISK, SERVER, SERVICE), title)


def streams(growth: Growth) -> Drawn | None:
    """Return the chart of more and more open streams, or None when that was not measured."""
    heard = growth.find(STREAMS, LAST_HEARS)
    if heard is None:
        return None
    last = heard.points[-1]
    title = f"The last of {last.x:,.0f} listeners hears of a booking after {last.median:,.0f} ms"
    return _panels(growth, STREAMS, (WAIT, OF_A_STREAM, CPU_OF_A_STREAM), title, log_x=False)


def processes(growth: Growth) -> Drawn | None:
    """Return the chart of more and more processes, or None when that was not measured."""
    series = growth.of(PROCESSES, RATE)
    if not series:
        return None
    times = [f"{one.what} {one.points[-1].median / one.points[0].median:.2f}" for one in series]
    title = f"With {series[0].points[-1].x:.0f} processes instead of one: {', '.join(times)} times the bookings"
    return _panels(growth, PROCESSES, (RATE, STATUS_RATE), title, log_x=False)


def _draw(growth: Growth, group: str, measures: Sequence[Measure], title: str) -> Drawn | None:
    booked = growth.find(group, BOOKED)
    if booked is None:
        return None
    first, last = booked.points[0], booked.points[-1]
    ratio = last.median / first.median if first.median else 0.0
    return _panels(
        growth, group, measures, title.format(first=short(first.x), last=short(last.x), ratio=ratio), log_x=True
    )


def _panels(growth: Growth, group: str, measures: Sequence[Measure], title: str, *, log_x: bool) -> Drawn:
    found = [series for measure in measures if (series := growth.of(group, measure))]
    drawn, panels = sheet(title, around([one for of in found for one in of], growth.machine), len(found))
    for panel, series in zip(panels, found, strict=True):
        curves(panel, series, log_x=log_x)
        panel.label_outer()
    return drawn
