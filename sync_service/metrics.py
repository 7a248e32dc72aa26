"""Metrics of the projector, by the names that dashboards and the benchmark know."""

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

ROWS: Final = Counter("frontrow_sync_service_rows_total", "Rows of the feed that are in the view")
BATCH_SIZE: Final = Histogram(
    "frontrow_sync_service_batch_size", "Rows a batch", buckets=(1, 5, 10, 25, 50, 100, 250, 500, 1000, 2000)
)
BATCH_SECONDS: Final = Histogram(
    "frontrow_sync_service_batch_seconds",
    "From the poll's answer to the moved cursor",
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
RETRIES: Final = Counter("frontrow_sync_service_retries_total", "Attempts that failed and are made again", ["cause"])
ACTIVE: Final = Gauge("frontrow_sync_service_active", "1 in the one process that projects, 0 in those that stand by")
LAG: Final = Gauge(
    "frontrow_sync_service_projection_lag_seconds",
    "Age of the oldest decision that is known and not in the view; 0 when there is none",
)
VIEW_AGE: Final = Gauge(
    "frontrow_sync_service_view_age_seconds",
    "Age of the time up to which every partition is shown; ticks move it every 10 s on an idle platform",
)


class Age:
    """Keeps the view's age true between polls: it grows while a feed that looks drained gives nothing.

    A transaction that is open anywhere on PostgreSQL's server holds the feed's horizon: no row comes, and no time. The
    age is counted from when this projector began, so that a platform that was off all night is not called old.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._since_s = self._started_s = clock()
        VIEW_AGE.set_function(self.seconds)

    def seconds(self) -> float:
        """Return the age now."""
        return max(0.0, self._clock() - self._since_s)

    def told(self, oldest_ms: int) -> None:
        """Note the oldest time that a partition is shown up to."""
        self._since_s = max(self._started_s, oldest_ms / 1000)


class Lag:
    """Keeps the lag true between batches: it grows while nothing is projected."""

    def __init__(self) -> None:
        self._oldest_ms: int | None = None
        LAG.set_function(self.seconds)

    def seconds(self) -> float:
        """Return the lag now."""
        oldest_ms = self._oldest_ms
        return 0.0 if oldest_ms is None else max(0.0, time.time() - oldest_ms / 1000)

    def pending_since(self, decided_ms: int | None) -> None:
        """Note the oldest decision that is not in the view, or None."""
        self._oldest_ms = decided_ms
