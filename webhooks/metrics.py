"""Metrics of this room, by the names that dashboards know. No label names an endpoint: they are many."""

from collections import Counter as Tally
from collections.abc import Iterable
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_TOLD: Final = Counter("frontrow_webhooks_deliveries_total", "Deliveries written down", ["type"])
ATTEMPTS: Final = Counter("frontrow_webhooks_attempts_total", "Attempts, by what came of them", ["result"])
ATTEMPT_SECONDS: Final = Histogram(
    "frontrow_webhooks_attempt_seconds",
    "From the first look at the name to the answer's end",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
UNDER_WAY: Final = Gauge("frontrow_webhooks_attempts_under_way", "Attempts that are being made")
DISABLED: Final = Counter("frontrow_webhooks_disabled_total", "Webhooks that were disabled", ["reason"])
DEAD: Final = Counter("frontrow_webhooks_dead_total", "Deliveries that were given up")
RETRIES: Final = Counter("frontrow_webhooks_retries_total", "Turns made again because PostgreSQL was away")


def told(types: Iterable[str]) -> None:
    """Count deliveries that were written down."""
    for kind, count in Tally(types).items():
        _TOLD.labels(kind).inc(count)
