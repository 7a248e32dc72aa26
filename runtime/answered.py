"""Answered: counts and times requests by endpoint, method and status.

``runtime.http`` and ``runtime.direct`` enter here with each answer. Labels must stay few: an endpoint's name, never a
path.
"""

from collections.abc import Callable
from functools import cache
from typing import Final

from prometheus_client import Counter, Histogram

_REQUESTS: Final = Counter("frontrow_http_requests_total", "Requests answered", ["endpoint", "method", "status"])
_DURATION: Final = Histogram(
    "frontrow_http_request_duration_seconds",
    "From the request's head to the answer's end",
    ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

NOTHING_BEGUN: Final = 500
"""The status of a request of which no answer has begun: a bug, or who asked has gone."""

# Finding a metric by its labels takes the library as long as counting. It keeps each of them for good, so may we.
_requests: Final[Callable[[str, str, int], Counter]] = cache(_REQUESTS.labels)
_duration: Final[Callable[[str], Histogram]] = cache(_DURATION.labels)


def count(endpoint: str, method: str, status: int, took_s: float) -> None:
    """Count one request."""
    _requests(endpoint, method, status).inc()
    _duration(endpoint).observe(took_s)
