"""Metrics of the worker, by their names in Prometheus."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

OUTCOMES: Final = Counter("frontrow_worker_outcomes_total", "Commands decided", ["kind", "status", "reason"])
REPEATED: Final = Counter("frontrow_worker_repeated_commands_total", "Messages of a command that was decided before")
DEAD_LETTERS: Final = Counter("frontrow_worker_dead_letters_total", "Messages that are no valid command")
BATCH_SIZE: Final = Histogram(
    "frontrow_worker_batch_size", "Messages in a batch", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
)
BATCH_SECONDS: Final = Histogram(
    "frontrow_worker_batch_seconds",
    "From the first message taken to the commit",
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
TICKS: Final = Counter("frontrow_worker_ticks_total", "Ticks that the log has acknowledged")
LOG_LAG: Final = Gauge("frontrow_worker_log_lag", "Messages on our partitions that are not decided yet")
LOG_TIME_AHEAD: Final = Gauge(
    "frontrow_worker_log_time_ahead_seconds", "The latest log time of our partitions minus this process' clock"
)
PARTITIONS: Final = Gauge("frontrow_worker_partitions", "Partitions that this worker decides")
RETRIES: Final = Counter("frontrow_worker_retries_total", "Batches tried again", ["cause"])
CONTENDED: Final = Counter("frontrow_worker_lock_contended_total", "Seats whose lock another worker held")
LOCKS_UNAVAILABLE: Final = Counter("frontrow_worker_locks_unavailable_total", "Batches decided without Redis")
