"""Figures: what each part of ``make bench`` measured, as figures beside what they should reach. Pure.

The targets are here and nowhere else. A figure without one is for context: it says why another is what it is.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.bench.accepts import Accepts
from loadtest.bench.closed_loop import Figures
from loadtest.bench.contest import GENTLE_PER_S, Contest
from loadtest.bench.drain import Drained
from loadtest.bench.figure import Figure, compared, measured
from loadtest.bench.footprint import Footprint
from loadtest.bench.latency import Latency
from loadtest.bench.open_loop import percentile_ms
from loadtest.bench.reads import Read
from loadtest.bench.replay import Replayed
from loadtest.bench.spent import LOAD_GENERATOR
from loadtest.bench.throughput import Throughput

DURABLE: Final = 3.5
BACKLOG_S: Final = 1.0
COUNTED: Final = 5.0
NAIVE: Final = 5.0
NAIVE_SHOWN: Final = 1 / 20
"""Of the naive system's p99: visible 20 times sooner."""
BOOKING_US: Final = 345
UNLOGGED: Final = 0.65
PLAIN: Final = 1.75
DRAINING: Final = 18
ONE_SEAT: Final = 1.8
ONE_EVENT: Final = 1.0
EMPTY: Final = 1.0
NO_REDIS: Final = 1.0
CROWD_MS: Final = (25, 45, 120)
FULL_CROWD_MS: Final = (100, 250, None)
LIST: Final = 0.85
SEAT_MAP: Final = 0.95
SECTION: Final = 0.8
BOOKINGS_READ_PER_S: Final = 3_000
SERVERS_MB: Final = 900
PROCESS_MB: Final = 150
FIRST_START_S: Final = 20
SECOND_START_S: Final = 12


@dataclass(frozen=True)
class Drains:
    """Rounds of drains by scenario; ``direct``: for each round the direct bookings before and after its warm drain."""

    rounds: Sequence[Mapping[str, Drained]]
    direct: Sequence[tuple[Figures, Figures]]


def of_throughput(through: Throughput) -> list[Figure]:
    """Return what 64 clients saw who each wait for their answer, and what a booking of theirs cost."""
    backlogs = [one.backlog_s for one in through.durable]
    costs = [sum(cost.values()) - cost[LOAD_GENERATOR] for cost in _costs_us(through)]
    return [
        compared(
            "durable and visible, closed loop c=64", _against_direct(through), "bookings/s", "direct", target=DURABLE
        ),
        measured("until the backlog of it is gone", backlogs, "s", better="less", target=BACKLOG_S),
        measured(
            "processor time of an accepted booking, all components without the load generator",
            costs,
            "µs",
            better="less",
            target=BOOKING_US,
        ),
        *(
            measured(f"click to 202, closed loop c=64, {name}", values, "ms", better="less")
            for name, values in (
                ("p50", [one.clients.p50_ms for one in through.durable]),
                ("p99", [one.clients.p99_ms for one in through.durable]),
            )
        ),
    ]


def of_one_event(through: Throughput) -> Figure:
    """Return how fast one hall is booked by everybody, against a transaction that counts it down."""
    name = "durable and visible, closed loop c=64, everything on one event"
    return compared(name, _against_direct(through), "bookings/s", "direct with a counter row", target=COUNTED)


def of_contest(contest: Contest) -> list[Figure]:
    """Return the whole path, from the POST until the booking is shown, against the naive system's."""
    rounds, against = list(zip(contest.frontrow, contest.naive, strict=True)), "the naive CQRS"
    shown_s = [(ours.p99_ms / 1000, theirs.p99_ms / 1000) for ours, theirs in rounds]
    gentle_s = [(percentile_ms(contest.gentle_frontrow, 99) / 1000, percentile_ms(contest.gentle_naive, 99) / 1000)]
    late = (
        compared("accepted to visible, closed loop c=64, p99", shown_s, "s", against, target=NAIVE_SHOWN),
        compared(f"accepted to visible at {GENTLE_PER_S}/s, p99", gentle_s, "s", against),
    )
    return [
        compared(
            "confirmed and visible, closed loop c=64",
            [(ours.per_s, theirs.per_s) for ours, theirs in rounds],
            "bookings/s",
            against,
            target=NAIVE,
        ),
        *(one._replace(better="less") for one in late),
    ]


def cost_us(through: Throughput) -> dict[str, float]:
    """Return the processor time for an accepted booking by component, in microseconds: the median of the rounds."""
    costs = _costs_us(through)
    return {name: statistics.median(cost[name] for cost in costs) for name in costs[0]}


def of_drains(drains: Drains) -> list[Figure]:
    """Return how fast a worker alone decides what is on its log."""
    warm = [one["warm"] for one in drains.rounds]
    direct = [statistics.mean(figures.per_s for figures in beside) for beside in drains.direct]
    pairs = [(one.per_s, per_s) for one, per_s in zip(warm, direct, strict=True)]
    names = (
        ("one-seat", "worker draining one hot seat", ONE_SEAT),
        ("one-event", "worker draining one hall", ONE_EVENT),
        ("empty", "worker draining into an empty database", EMPTY),
        ("no-redis", "worker draining with Redis away", NO_REDIS),
    )
    return [
        compared("worker draining, Redis locks on", pairs, "commands/s", "direct", target=DRAINING),
        *(
            compared(
                name,
                [(one[scenario].per_s, one["warm"].per_s) for one in drains.rounds],
                "commands/s",
                "the spread, warm drain",
                target=target,
            )
            for scenario, name, target in names
        ),
        measured("worker's processor time of a command, draining", [one.cpu_us for one in warm], "µs", better="less"),
    ]


def of_crowd(latency: Latency, name: str, targets: tuple[float | None, float | None, float | None]) -> list[Figure]:
    """Return what a crowd saw that waits for nobody. ``targets``: of the three p99, in milliseconds."""
    refused = [f"{count:,} answered with {status or 'nothing'}" for status, count in latency.refused.items()]
    stages = (
        ("click to 202", latency.accepted),
        ("accepted to decided", latency.decided),
        ("accepted to visible", latency.shown),
    )
    return [
        measured(f"{name}: {stage}, {which}", [value], "ms", better="less", target=target, flaw=flaw)
        for (stage, values), bound in zip(stages, targets, strict=True)
        for which, value, target, flaw in (
            ("p99", values[1], bound, "; ".join(refused)),
            ("p50", values[0], None, ""),
        )
    ]


def of_replay(replayed: Replayed) -> list[Figure]:
    """Return what PostgreSQL alone takes of what the worker tells it."""
    return [
        measured("pgbench with the batches' own SQL", replayed.bookings_per_s, "bookings/s"),
        measured("transactions of it", replayed.transactions_per_s, "transactions/s"),
    ]


def of_accepts(accepts: Accepts) -> list[Figure]:
    """Return how fast bookings are accepted, whatever becomes of them."""
    flaw = f"{accepts.refused:,} requests refused" if accepts.refused else ""
    unlogged = [(one.frontrow, one.unlogged) for one in accepts.rounds]
    ordinary = [(one.frontrow, one.plain) for one in accepts.rounds]
    return [
        compared(name, pairs, "bookings/s", against, target=target, flaw=flaw)
        for name, pairs, against, target in (
            ("accepted, ack awaited", unlogged, "the same endpoint without Kafka", UNLOGGED),
            ("hot POST", ordinary, "a plain FastAPI route with the same model and ack", PLAIN),
        )
    ]


def of_log_limit(per_s: Sequence[float], record_bytes: int) -> Figure:
    """Return what the log itself takes."""
    return measured(f"`kafka-producer-perf-test`, acks=all, records of {record_bytes} bytes", per_s, "records/s")


def of_read(read: Read, name: str, target: float) -> Figure:
    """Return how fast a view is read at the gateway."""
    flaw = f"{read.failed:,} reads failed" if read.failed else ""
    return compared(name, read.rounds, "reads/s", "a static file of the same size", target=target, flaw=flaw)


def of_bookings_read(per_s: Sequence[float], failed: int) -> Figure:
    """Return how fast bookings are read at the gateway, each from the view."""
    flaw = f"{failed:,} reads failed" if failed else ""
    name = "booking status read at the gateway, uncached"
    return measured(name, per_s, "reads/s", target=BOOKINGS_READ_PER_S, flaw=flaw)


def of_footprint(found: Footprint) -> list[Figure]:
    """Return what an idle platform keeps in memory."""
    servers, largest = sum(found.servers_mb.values()), max(found.python_mb.values())
    return [
        measured("memory of the five stores and servers, idle", [servers], "MB", better="less", target=SERVERS_MB),
        measured("memory of the largest Python process, idle", [largest], "MB", better="less", target=PROCESS_MB),
    ]


def of_starts(first_s: float, second_s: float) -> list[Figure]:
    """Return how long starts took, once the packages are there."""
    return [
        measured("start with empty data, to healthy", [first_s], "s", better="less", target=FIRST_START_S),
        measured("second start, to healthy", [second_s], "s", better="less", target=SECOND_START_S),
    ]


def _against_direct(through: Throughput) -> list[tuple[float, float]]:
    """Return bookings a second of both, of rounds beside each other."""
    return [(one.per_s, direct.per_s) for one, direct in zip(through.durable, through.direct, strict=True)]


def _costs_us(through: Throughput) -> list[dict[str, float]]:
    return [
        {name: seconds / one.clients.accepted * 1e6 for name, seconds in spent_s.items()}
        for one, spent_s in zip(through.durable, through.spent_s, strict=True)
    ]
