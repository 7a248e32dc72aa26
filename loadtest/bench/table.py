"""Table: what was measured, as rows beside the floors, and the notes below them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
class Measured:
    """Everything that one run measured; ``drains`` by scenario, ``listed`` and ``seat_map`` are the two views."""

    throughput: Throughput
    drains: Mapping[str, Drained]
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
    rates = ", ".join(f"{figures.per_s:,.0f}" for figures in measured.throughput.direct)
    durable = ", ".join(f"{one.per_s:,.0f}" for one in measured.throughput.durable)
    clients = measured.throughput.durable[0].clients
    return [
        f"Direct: {measured.throughput.direct_per_s:,.0f} bookings/s (rounds: {rates}), one PostgreSQL transaction each"
        " through the same gateway, closed loop of 64 clients; Frontrow's rounds in between: " + durable + "/s.",
        f"Click to 202 in the closed loop: p50 {clients.p50_ms:.0f} ms, p99 {clients.p99_ms:.0f} ms.",
        "Memory by server: " + _megabytes(measured.footprint.servers_mb) + " (shared pages counted once); by process: "
        f"{_megabytes(measured.footprint.python_mb)}. First start, stores made from nothing: "
        f"{measured.first_start_s:.0f} s.",
    ]


def _writes(measured: Measured) -> list[Row]:
    through, drains = measured.throughput, measured.drains
    durable = through.durable_per_s / through.direct_per_s
    draining = drains["empty"].per_s / through.direct_per_s
    one_event = drains["one-event"].per_s / drains["empty"].per_s
    one_seat = drains["one-seat"].per_s / drains["empty"].per_s
    empty = drains["empty"].per_s / drains["warm"].per_s
    return [
        Row(
            "durable and visible bookings/s, everything running, closed loop c=64, against direct",
            "≥ 2 times, backlog gone within 1 s",
            f"{durable:.1f} times ({through.durable_per_s:,.0f}/s), backlog gone in {through.backlog_s:.2f} s",
            durable >= DURABLE and through.backlog_s <= BACKLOG_S,
        ),
        Row(
            f"worker alone, draining {drains['empty'].commands // 1000}k commands with Redis locks on, against direct",
            "≥ 12 times",
            f"{draining:.1f} times ({drains['empty'].per_s:,.0f}/s)",
            draining >= DRAINING,
        ),
        Row(
            "the same on one event; on one single seat",
            "≥ 0.9 of it; ≥ 1",
            f"{one_event:.2f} ({drains['one-event'].per_s:,.0f}/s); {one_seat:.2f} ({drains['one-seat'].per_s:,.0f}/s)",
            one_event >= ONE_EVENT and one_seat >= ONE_SEAT,
        ),
        Row(
            "an empty database against a warm one, draining",
            "≥ 0.9",
            f"{empty:.2f} ({drains['empty'].per_s:,.0f} against {drains['warm'].per_s:,.0f}/s)",
            empty >= EMPTY,
        ),
    ]


def _crowd(latency: Latency) -> Row:
    figures = (latency.accepted, latency.decided, latency.shown)
    p99 = "; ".join(f"{p99:.0f}" for _, p99 in figures)
    p50 = "; ".join(f"{p50:.0f}" for p50, _ in figures)
    met = all(figure[1] <= floor for figure, floor in zip(figures, (ACCEPTED_MS, DECIDED_MS, SHOWN_MS), strict=True))
    return Row(
        "open loop 1,000/s for 20 s, p99: click to 202; accepted to decided; accepted to visible",
        "≤ 60; 100; 300 ms, nothing missing",
        f"{p99} ms (p50: {p50}), {'; '.join(latency.broken) or 'nothing missing'}",
        met and not latency.broken,
    )


def _reads(measured: Measured) -> list[Row]:
    listed, seat_map = measured.listed, measured.seat_map
    return [
        Row(
            "`GET /api/events` and a 1,000-seat event at the gateway, against a static file of the same size",
            "≥ 0.7; ≥ 0.85",
            f"{listed.ratio:.2f} ({listed.per_s:,.0f}/s of {listed.size:,} bytes); "
            f"{seat_map.ratio:.2f} ({seat_map.per_s:,.0f}/s of {seat_map.size:,} bytes)",
            listed.ratio >= LIST and seat_map.ratio >= SEAT_MAP,
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


def _megabytes(by_name: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {mb:.0f} MB" for name, mb in by_name.items())
