"""Memory: what each process keeps while the platform works for long at half of what it can sustain."""

from loadtest.charts.style import Drawn, around, curves, sheet
from loadtest.growth.names import SERVER, SERVICE, SOAK
from loadtest.growth.series import Growth, Series


def draw(growth: Growth) -> Drawn | None:
    """Return services and servers, each over time, or None when there was no soak."""
    services, servers = growth.of(SOAK, SERVICE), growth.of(SOAK, SERVER)
    found = [series for series in (services, servers) if series]
    if not services:
        return None
    drawn, panels = sheet(_title(services), around(services, growth.machine, rounds=False), len(found))
    for panel, series in zip(panels, found, strict=True):
        curves(panel, series)
        panel.set_xlim(left=0)
    return drawn


def _title(services: list[Series]) -> str:
    minutes = max(point.x for one in services for point in one.points)
    grown = max(one.points[-1].median - one.points[len(one.points) // 2].median for one in services)
    # What shrank has not grown.
    return f"In the second half of {minutes:.0f} minutes no service grew by more than {max(grown, 0):,.0f} MB"
