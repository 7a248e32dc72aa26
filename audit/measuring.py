"""Measuring: what processes' metrics say of the last minute, as rates and latencies. Pure but for the parser.

``system`` enters here with the text of ``/metrics`` of each process and the time at which it was asked. Counters begin
anew when a process does: then what it has counted since is what it adds.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from contracts.operating import Latency, Rate

WINDOW_S: Final = 60.0
SAMPLE_EVERY_S: Final = 5.0
KEPT: Final = int(WINDOW_S / SAMPLE_EVERY_S) + 1
"""Samples of a process: a minute has as many pieces, and one more end."""

MEMORY: Final = "process_resident_memory_bytes"
LAG: Final = "frontrow_sync_service_projection_lag_seconds"
AGE: Final = "frontrow_sync_service_view_age_seconds"
ACTIVE: Final = "frontrow_sync_service_active"

_HTTP: Final = "frontrow_http_request_duration_seconds"


class Of(NamedTuple):
    """A figure's name, the metric that it is made of, and the label values that count; none: all."""

    name: str
    metric: str
    labels: Mapping[str, str]


RATES: Final[Mapping[str, tuple[Of, ...]]] = {
    "write_api": (
        Of("accepted", "frontrow_write_api_commands_total", {"result": "accepted"}),
        Of("requests", f"{_HTTP}_count", {}),
    ),
    "worker": (
        Of("decided", "frontrow_worker_outcomes_total", {}),
        Of("rejected", "frontrow_worker_outcomes_total", {"status": "rejected"}),
        Of("dead_letters", "frontrow_worker_dead_letters_total", {}),
        Of("retries", "frontrow_worker_retries_total", {}),
    ),
    "sync_service": (
        Of("shown", "frontrow_sync_service_rows_total", {}),
        Of("retries", "frontrow_sync_service_retries_total", {}),
    ),
    "read_api": (Of("requests", f"{_HTTP}_count", {}),),
    "payments": (Of("steps", "frontrow_payments_steps_total", {}),),
    "webhooks": (Of("attempts", "frontrow_webhooks_attempts_total", {}),),
}
LATENCIES: Final[Mapping[str, tuple[Of, ...]]] = {
    "write_api": (Of("book", _HTTP, {"endpoint": "book"}), Of("requests", _HTTP, {})),
    "worker": (Of("batch", "frontrow_worker_batch_seconds", {}),),
    "sync_service": (Of("batch", "frontrow_sync_service_batch_seconds", {}),),
    "read_api": (Of("requests", _HTTP, {}),),
    "payments": (Of("provider", "frontrow_payments_provider_seconds", {}),),
    "webhooks": (Of("attempt", "frontrow_webhooks_attempt_seconds", {}),),
}

_WANTED: Final = tuple(
    {MEMORY, LAG, AGE, ACTIVE, *(of.metric for some in (*RATES.values(), *LATENCIES.values()) for of in some)}
)

Series = tuple[str, frozenset[tuple[str, str]]]
Sample = Mapping[Series, float]


def sample_of(text: str) -> dict[Series, float]:
    """Return what is wanted of a process' metrics; the rest is not parsed."""
    lines = "\n".join(line for line in text.splitlines() if line.startswith(_WANTED))
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(f"{lines}\n")
        for sample in family.samples
    }


class Measured:
    """The last minute of one process."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, Sample]] = deque(maxlen=KEPT)

    def add(self, at_s: float, sample: Sample) -> None:
        """Keep a sample, taken at ``at_s`` on any monotonic clock."""
        self._samples.append((at_s, sample))

    def last(self, metric: str) -> float | None:
        """Return a gauge as it was last."""
        return self._samples[-1][1].get((metric, frozenset())) if self._samples else None

    @property
    def seconds(self) -> float:
        """How long what is kept goes back."""
        return self._samples[-1][0] - self._samples[0][0] if self._samples else 0.0

    def grown(self, metric: str, labels: Mapping[str, str]) -> dict[Series, float]:
        """Return by how much each series of a metric grew over what is kept."""
        if not self._samples:
            return {}
        first, last = self._samples[0][1], self._samples[-1][1]
        found = {}
        for series, value in last.items():
            if series[0] == metric and labels.items() <= dict(series[1]).items():
                before = first.get(series, 0.0)
                found[series] = value - before if value >= before else value
        return found


def rates(service: str, processes: Iterable[Measured]) -> list[Rate]:
    """Return a service's rates, all its processes together."""
    known = [process for process in processes if process.seconds > 0]
    return [
        Rate(
            name=of.name,
            per_s=round(sum(sum(one.grown(of.metric, of.labels).values()) / one.seconds for one in known), 3)
            if known
            else None,
        )
        for of in RATES.get(service, ())
    ]


def latencies(service: str, processes: Iterable[Measured]) -> list[Latency]:
    """Return a service's latencies, all its processes together."""
    known = list(processes)
    found = []
    for of in LATENCIES.get(service, ()):
        buckets: dict[float, float] = {}
        for process in known:
            for (_metric, labels), value in process.grown(f"{of.metric}_bucket", of.labels).items():
                bound = float(dict(labels)["le"])
                buckets[bound] = buckets.get(bound, 0.0) + value
        found.append(Latency(name=of.name, p50_ms=quantile_ms(buckets, 0.5), p99_ms=quantile_ms(buckets, 0.99)))
    return found


def quantile_ms(buckets: Mapping[float, float], share: float) -> float | None:
    """Return in how many milliseconds this share of all was done; ``buckets`` maps a bound in s to how many within it.

    Between two bounds it is taken to be spread evenly; beyond the last one it is that one, which is then too little.
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if total <= 0:
        return None
    wanted, below, low = share * total, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= wanted:
            if bound == float("inf"):
                return round(low * 1000, 2)
            inside = buckets[bound] - below
            return round((low + (bound - low) * ((wanted - below) / inside if inside else 1.0)) * 1000, 2)
        below, low = buckets[bound], bound
    return round(low * 1000, 2)
