"""Latency: a crowd of 1,000 bookings a second for 20 seconds, none of them waiting for another.

Click to 202 counts from when the click was due; decided and shown count from when the client had its 202, and are what
the observers saw (see ``observers``). Fewer than all of them decided or shown is a loss, not a figure.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Final

from loadtest.bench import closed_loop, open_loop
from loadtest.bench.closed_loop import Seats
from loadtest.bench.observers import Observer, observe_ledger, observe_view
from loadtest.bench.open_loop import Answer, percentile_ms
from loadtest.bench.rig import Addresses
from loadtest.bench.throughput import PATH

PER_S: Final = 1_000
SECONDS: Final = 20
SEEN_WITHIN_S: Final = 30.0
_ACCEPTED: Final = 202
_POLL_S: Final = 0.05


@dataclass(frozen=True)
class Latency:
    """Percentiles in milliseconds, as (p50, p99).

    ``refused``: how many clicks had which other answer than 202, by status, 0 for none; a figure, since they were told.
    ``broken``: in words, what was accepted and lost.
    """

    accepted: tuple[float, float]
    decided: tuple[float, float]
    shown: tuple[float, float]
    refused: dict[int, int]
    broken: list[str]


def measure(where: Addresses, seats: Seats, sent: int) -> Latency:
    """Send the crowd; ``sent``: how many of the seats were asked for before."""
    bodies = [closed_loop.body(seats, number) for number in range(sent, sent + PER_S * SECONDS)]
    with (
        Observer(observe_ledger, where.ledger) as ledger,
        Observer(observe_view, where.view, where.view_database) as view,
    ):
        answers = open_loop.post(where.gateway, PATH, bodies, PER_S)
        accepted = {json.loads(answer.body)["booking_id"]: answer for answer in answers if answer.status == _ACCEPTED}
        deadline = time.monotonic() + SEEN_WITHIN_S
        while min(ledger.count(), view.count()) < len(accepted) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        decided, shown = ledger.collect(), view.collect()
    broken = [
        f"{missing} accepted bookings were not {what} within {SEEN_WITHIN_S:.0f} s"
        for what, seen in (("decided", decided), ("shown", shown))
        if (missing := len(accepted.keys() - seen.keys()))
    ]
    return Latency(
        _percentiles([answer.latency_s for answer in answers]),
        _percentiles(_delays(accepted, decided)),
        _percentiles(_delays(accepted, shown)),
        dict(Counter(answer.status for answer in answers if answer.status != _ACCEPTED)),
        broken,
    )


def _delays(accepted: dict[str, Answer], seen: dict[str, float]) -> list[float]:
    return [seen.get(booking_id, float("inf")) - answer.answered for booking_id, answer in accepted.items()]


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    return (percentile_ms(seconds, 50), percentile_ms(seconds, 99))
