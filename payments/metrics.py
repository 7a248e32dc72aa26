"""Metrics of this room."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

STEPS: Final = Counter("frontrow_payments_steps_total", "Steps made, and how they ended", ["step", "result"])
WEBHOOKS: Final = Counter("frontrow_payments_webhooks_total", "Webhooks, and what became of them", ["result"])
PROVIDER_SECONDS: Final = Histogram(
    "frontrow_payments_provider_seconds",
    "From a question to the provider to its answer",
    ["call"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
UNDER_WAY: Final = Gauge("frontrow_payments_under_way", "Payments of which a step is being made now")
