"""Table: what was measured, as rows beside the floors, and the notes below them. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.bench import direct
from loadtest.bench.closed_loop import CLIENTS, Figures
from loadtest.bench.drain import Drained
from loadtest.bench.footprint import Footprint
from loadtest.bench.latency import Latency
from loadtest.bench.reads import Read
from loadtest.bench.report import Row
from loadtest.bench.throughput import Throughput

DURABLE: Final = 2.0
BACKLOG_S: Final = 1.0
DRAINING: Final = 12.0
ONE_EVENT: Final = 0.9
ONE_SEAT: Final = 1.0
EMPTY: Final = 0.9
ACCEPTED_MS: Final = 60
DECIDED_MS: Final = 100
SHOWN_MS: Final = 300
LIST: Final = 0.7
SEAT_MAP: Final = 0.85
SERVERS_MB: Final = 900
PROCESS_MB: Final = 100
START_S: Final = 25


@dataclass(frozen=True)
class Drains:
    """The drains by scenario, ``empty`` the first of them, and the direct rounds before, between and after them."""

    drained: Mapping[str, Drained]
    direct: Sequence[Figures]

    def per_s(self, scenario: str) -> float:
        """Commands decided a second in a scenario."""
        return self.drained[scenario].per_s

    @property
    def ratio(self) -> float:
        """The first drain against direct: the mean of the direct rounds just before and after it."""
        return self.per_s("empty") / statistics.mean(figures.per_s for figures in self.direct[:2])


@dataclass(frozen=True)
class Measured:
    """Everything that one run measured; ``listed`` and ``seat_map`` are the two views."""

    throughput: Throughput
    drains: Drains
    latency: Latency
    listed: Read
    seat_map: Read
    footprint: Footprint
    first_start_s: float
    second_start_s: float


def rows(measured: Measured) -> list[Row]:
    """Return the table's rows, in the order in which the floors were set."""
    return [*_writes(measured), _crowd(measured.latency), *_reads(measured), *_machine(measured)]


def notes(measured: Measured) -> list[str]:
    """Return what a reader has to know of the figures."""
    durable = ", ".join(f"{one.per_s:,.0f}" for one in measured.throughput.durable)
    clients = measured.throughput.durable[0].clients
    beside, alone = _rates(measured.throughput.direct), _rates(measured.drains.direct)
    return [
        f"Direct: a PostgreSQL transaction a booking, {direct.POOL_SIZE} connections, {CLIENTS} clients, same gateway.",
        f"Rounds in turns: direct {beside}/s, Frontrow {durable}/s; the median of the ratios counts.",
        f"Direct before, between and after the drains, services stopped as well: {alone}/s; the first two count.",
        f"Click to 202 in the closed loop: p50 {clients.p50_ms:.0f} ms, p99 {clients.p99_ms:.0f} ms.",
        "Memory by server: " + _megabytes(measured.footprint.servers_mb) + " (shared pages counted once); by process: "
        f"{_megabytes(measured.footprint.python_mb)}. First start, stores made from nothing: "
        f"{measured.first_start_s:.0f} s.",
    ]


def _writes(measured: Measured) -> list[Row]:
    through, drains = measured.throughput, measured.drains
    durable = through.ratio
    empty, warm = drains.per_s("empty"), drains.per_s("warm")
    one_event, one_seat = drains.per_s("one-event"), drains.per_s("one-seat")
    commands = drains.drained["empty"].commands // 1000
    return [
        Row(
            "durable and visible bookings/s, everything running, closed loop c=64, against direct",
            "≥ 2 times, backlog gone within 1 s",
            f"{durable:.1f} times ({through.durable_per_s:,.0f}/s), backlog gone in {through.backlog_s:.2f} s",
            durable >= DURABLE and through.backlog_s <= BACKLOG_S,
        ),
        Row(
            f"worker alone, draining {commands}k commands with Redis locks on, against direct",
            "≥ 12 times",
            f"{drains.ratio:.1f} times ({empty:,.0f}/s)",
            drains.ratio >= DRAINING,
        ),
        Row(
            "the same on one event; on one single seat",
            "≥ 0.9 of it; ≥ 1",
            f"{one_event / empty:.2f} ({one_event:,.0f}/s); {one_seat / empty:.2f} ({one_seat:,.0f}/s)",
            one_event / empty >= ONE_EVENT and one_seat / empty >= ONE_SEAT,
        ),
        Row(
            "an empty database against a warm one, draining",
            "≥ 0.9",
            f"{empty / warm:.2f} ({empty:,.0f} against {warm:,.0f}/s)",
            empty / warm >= EMPTY,
        ),
    ]


def _crowd(latency: Latency) -> Row:
    figures = (latency.accepted, latency.decided, latency.shown)
    p99 = "; ".join(f"{p99:.0f}" for _, p99 in figures)
    p50 = "; ".join(f"{p50:.0f}" for p50, _ in figures)
    refused = [f"{count} answered with {status or 'nothing'}" for status, count in latency.refused.items()]
    missing = [*latency.broken, *refused]
    met = all(figure[1] <= floor for figure, floor in zip(figures, (ACCEPTED_MS, DECIDED_MS, SHOWN_MS), strict=True))
    return Row(
        "open loop 1,000/s for 20 s, p99: click to 202; accepted to decided; accepted to visible",
        "≤ 60; 100; 300 ms, nothing missing",
        f"{p99} ms (p50: {p50}), {'; '.join(missing) or 'nothing missing'}",
        met and not missing,
    )


def _reads(measured: Measured) -> list[Row]:
    listed, seat_map = measured.listed, measured.seat_map
    failed = listed.failed + seat_map.failed
    return [
        Row(
            "`GET /api/events` and a 1,000-seat event at the gateway, against a static file of the same size",
            "≥ 0.7; ≥ 0.85",
            f"{listed.ratio:.2f} ({listed.per_s:,.0f}/s of {listed.size:,} bytes); "
            f"{seat_map.ratio:.2f} ({seat_map.per_s:,.0f}/s of {seat_map.size:,} bytes)"
            f"{f', {failed} reads failed' if failed else ''}",
            listed.ratio >= LIST and seat_map.ratio >= SEAT_MAP and not failed,
        )
    ]


def _machine(measured: Measured) -> list[Row]:
    servers = sum(measured.footprint.servers_mb.values())
    largest = max(measured.footprint.python_mb.values())
    return [
        Row(
            "the five stores and servers, idle; each Python process",
            "≤ 900 MB RSS; ≤ 100 MB",
            f"{servers:.0f} MB; at most {largest:.0f} MB",
            servers <= SERVERS_MB and largest <= PROCESS_MB,
        ),
        Row(
            "second start of everything, to healthy",
            "≤ 25 s",
            f"{measured.second_start_s:.1f} s",
            measured.second_start_s <= START_S,
        ),
    ]


def _rates(rounds: Sequence[Figures]) -> str:
    return ", ".join(f"{figures.per_s:,.0f}" for figures in rounds)


def _megabytes(by_name: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {mb:.0f} MB" for name, mb in by_name.items())
