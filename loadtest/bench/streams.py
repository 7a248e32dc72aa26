"""``make streams``: how late the last of 2,000 open streams hears of a booking, and what a stream costs.

In an instance of its own, in about a minute. Lateness counts from the booking's 202 to the message that says that the
seat is booked, for every pair of booking and stream. Exit status 0 whatever the figures are, 1 when a stream missed
something: then they mean nothing. The streams are opened from a process of their own, on the same machine.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from itertools import islice
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

import httpx

from infra.native.errors import CannotStartError
from infra.native.instance import Instance
from loadtest.bench import machine, open_loop, processes, rig
from loadtest.bench.apart import Apart
from loadtest.bench.open_loop import percentile_ms
from loadtest.listeners import Listeners

STREAMS: Final = 2_000
EVENT: Final = "arena-grand-final"
STRIDE: Final = 1_009
"""Prime, so that every seat has its turn."""
RATES: Final = {20: 10, 200: 10}
"""Bookings a second, and for how many seconds: a busy sale of one event, and a rush."""
FLOOR_MS: Final = 500
_OPEN_WITHIN_S: Final = 60.0
_HEARD_WITHIN_S: Final = 60.0
_POLL_S: Final = 1.0
_GIVE_UP_S: Final = 300.0
_ACCEPTED: Final = 202

Arrivals = dict[str, list[float]]
"""When each stream heard that a seat was booked, by seat."""


class Round(NamedTuple):
    """One rate: lateness in seconds of every pair, and how many pairs are missing."""

    per_s: int
    late_s: list[float]
    missing: int
    messages: int
    cpu: float


def main() -> int:
    """Measure and print; returns the process' exit status."""
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, print)
            try:
                instance.start()
                rounds, mb = _measure(instance)
            finally:
                instance.stop()
            instance.reset()
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    _report(rounds, mb)
    return int(any(one.missing for one in rounds))


def _measure(instance: Instance) -> tuple[list[Round], Mapping[str, float]]:
    url = f"http://127.0.0.1:{instance.ports.gateway}"
    pids = {name: instance.pid_of(name) for name in ("read_api", "gateway")}
    before = _memory(pids)
    with Apart(listen, url, STREAMS, ready_within_s=_OPEN_WITHIN_S) as streams:
        mb = {name: (now - before[name]) / STREAMS * 1024 for name, now in _memory(pids).items()}
        rounds, seats = [], iter(seats_apart(url))
        for per_s, seconds in RATES.items():
            rounds.append(_round(url, streams, pids["read_api"], per_s, list(islice(seats, per_s * seconds))))
    return rounds, mb


def seats_apart(url: str) -> list[str]:
    """Return the event's seats, not in a row: that would be one block after the other."""
    seat_ids = [seat["seat_id"] for seat in httpx.get(f"{url}/api/events/{EVENT}").json()["seats"]]
    return [seat_ids[number * STRIDE % len(seat_ids)] for number in range(len(seat_ids))]


def _round(url: str, streams: Apart, pid: int, per_s: int, seat_ids: list[str]) -> Round:
    bodies = [json.dumps({"userId": "u", "eventId": EVENT, "seatId": seat_id}).encode() for seat_id in seat_ids]
    used, began = processes.cpu_s(pid), time.monotonic()
    answers = open_loop.post(url, "/api/book", bodies, per_s)
    told = {
        seat_id: answer.answered
        for seat_id, answer in zip(seat_ids, answers, strict=True)
        if answer.status == _ACCEPTED
    }
    messages, arrivals = streams.ask(list(told), 2 * _HEARD_WITHIN_S)
    cpu = (processes.cpu_s(pid) - used) / (time.monotonic() - began)
    late = [at - told[seat_id] for seat_id, times in arrivals.items() for at in times]
    return Round(per_s, late, STREAMS * len(bodies) - len(late), messages, cpu)


def _memory(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: processes.proportional_mb(pid) for name, pid in pids.items()}


def listen(pipe: Connection, url: str, count: int) -> None:
    """Open so many streams, say so, and tell for each list of seats when each stream heard of them."""
    give_up = time.monotonic() + _GIVE_UP_S
    with Listeners(url, f"/api/events/{EVENT}/stream", count, timed=True) as listeners:
        while sum(bool(listener.heard) for listener in listeners.all) < count and time.monotonic() < give_up:
            time.sleep(_POLL_S)
        pipe.send("open")
        before = 0
        while time.monotonic() < give_up and pipe.poll(_GIVE_UP_S):
            wanted = set(pipe.recv())
            until = time.monotonic() + _HEARD_WITHIN_S
            while time.monotonic() < until:
                arrivals = _arrivals(listeners, wanted)
                if len(arrivals) == len(wanted) and all(len(times) >= count for times in arrivals.values()):
                    break
                time.sleep(_POLL_S)
            messages = len(listeners.all[0].heard)
            pipe.send((messages - before, arrivals))
            before = messages


def _arrivals(listeners: Listeners, wanted: set[str]) -> Arrivals:
    found: Arrivals = {}
    for message in list(listeners.all[0].heard):
        if message.name == "change":
            for seat_id in wanted.intersection(json.loads(message.data)["seats"].get("booked", ())):
                found[seat_id] = list(listeners.arrivals[message.mark])
    return found


def _report(rounds: list[Round], kb: Mapping[str, float]) -> None:
    print(f"\n{STREAMS:,} streams of one event ({EVENT}), through the gateway\n")
    print("| bookings a second | from 202 to the message, every stream: p50; p99; the last | messages | read_api |")
    print("|---|---|---|---|")
    for one in rounds:
        figures = "; ".join(f"{percentile_ms(one.late_s, of):.0f}" for of in (50, 99, 100))
        below = "" if percentile_ms(one.late_s, 100) <= FLOOR_MS else " **(floor: 500 ms)**"
        missing = f", **{one.missing:,} MISSED**" if one.missing else ""
        print(f"| {one.per_s} | {figures} ms{below}{missing} | {one.messages} | {one.cpu:.0%} of a core |")
    print(f"\nMemory of a stream: {kb['read_api']:.0f} kB in read_api, {kb['gateway']:.0f} kB in the gateway.")
    print(f"Commit {machine.commit()}. {machine.description()}")


if __name__ == "__main__":
    sys.exit(main())
