"""Streams: how late the last of many open streams of one event hears of a booking, and what one of them costs.

The streams are opened through the gateway, from a process of their own on the same machine. Both servers are started
anew before each point, so that what the former streams left behind is in nobody's memory.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from statistics import median
from typing import Final, NamedTuple

from loadtest.bench import open_loop, processes, streams
from loadtest.bench.apart import Apart
from loadtest.bench.streams import EVENT
from loadtest.bench.throughput import PATH
from loadtest.growth import names
from loadtest.growth.series import Axes, Collected
from loadtest.growth.trial import ROUNDS, SHOWN_WITHIN_S, Trial, read_ms

COUNTS: Final = (500, 1_000, 2_000)
QUICK_COUNTS: Final = (50, 200)
PER_S: Final = 20
"""Bookings of the one event: a busy sale."""
SECONDS: Final = 10
QUICK_SECONDS: Final = 3
OPEN_WITHIN_S: Final = 120.0
HEARD_WITHIN_S: Final = 120.0
SERVERS: Final = ("gateway", "read_api")
_ACCEPTED: Final = 202


def measure(trial: Trial) -> Collected:
    """Book without a stream, then with more and more of them."""
    found = Collected(Axes(names.STREAMS, "open streams"))
    seconds = QUICK_SECONDS if trial.quick else SECONDS
    seats = iter(streams.seats_apart(trial.where.gateway))
    alone_us = median(_round(trial, _requests(seats, seconds), None, 0).cpu_us for _ in range(ROUNDS))
    for count in QUICK_COUNTS if trial.quick else COUNTS:
        for server in SERVERS:
            trial.instance.restart(server)
        read_ms(trial.where.gateway, [f"/api/events/{EVENT}"])
        before = _memory(trial)
        with Apart(streams.listen, trial.where.gateway, count, ready_within_s=OPEN_WITHIN_S) as listening:
            for server, mb in _memory(trial).items():
                found.add(server, names.OF_A_STREAM, count, [(mb - before[server]) / count * 1024])
            for _ in range(ROUNDS):
                heard = _round(trial, _requests(seats, seconds), listening, count)
                middle = open_loop.percentile_ms(heard.last_s, 50)
                found.add(names.LAST_HEARS, names.WAIT, count, [middle])
                found.add(names.LAST_HEARS_AT_WORST, names.WAIT, count, [open_loop.percentile_ms(heard.last_s, 100)])
                found.add("read_api", names.CPU_OF_A_STREAM, count, [(heard.cpu_us - alone_us) / count])
                trial.say(f"{count:,} streams: the last one hears after {middle:,.0f} ms")
    return found


class Heard(NamedTuple):
    """One round: until the last stream heard, booking by booking, and the read API's processor time for one."""

    last_s: list[float]
    cpu_us: float


def _requests(seats: Iterator[str], seconds: int) -> list[str]:
    return list(islice(seats, PER_S * seconds))


def _round(trial: Trial, seat_ids: list[str], listening: Apart | None, count: int) -> Heard:
    bodies = [json.dumps({"userId": "u", "eventId": EVENT, "seatId": seat_id}).encode() for seat_id in seat_ids]
    pid = trial.instance.pid_of("read_api")
    used = processes.cpu_s(pid)
    answers = open_loop.post(trial.where.gateway, PATH, bodies, PER_S)
    told = {
        seat_id: answer.answered
        for seat_id, answer in zip(seat_ids, answers, strict=True)
        if answer.status == _ACCEPTED
    }
    arrivals: Mapping[str, list[float]] = {}
    if listening is not None:
        _, arrivals = listening.ask(list(told), HEARD_WITHIN_S)
        if missing := len(told) * count - sum(len(times) for times in arrivals.values()):
            trial.broken.append(f"{count} streams missed {missing} messages")
    trial.progress.wait_until_shown(SHOWN_WITHIN_S)
    cpu_us = (processes.cpu_s(pid) - used) / len(bodies) * 1e6
    return Heard([max(times) - told[seat_id] for seat_id, times in arrivals.items() if times], cpu_us)


def _memory(trial: Trial) -> dict[str, float]:
    return {name: processes.proportional_mb(trial.instance.pid_of(name)) for name in SERVERS}
