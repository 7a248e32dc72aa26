"""Latency: a crowd that books at a constant rate, none of them waiting for another.

Click to 202 counts from when the click was due; decided and shown count from when the client had its 202, and are what
the observers saw (see ``crowd``). Fewer than all of them decided or shown is a loss, not a figure.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from loadtest.bench.closed_loop import Seats
from loadtest.bench.crowd import ACCEPTED, send
from loadtest.bench.open_loop import Answer, percentile_ms
from loadtest.bench.rig import Addresses


@dataclass(frozen=True)
class Latency:
    """A crowd of ``per_s`` a second for so many ``seconds``. Percentiles in milliseconds, as (p50, p99).

    ``refused``: how many clicks had which other answer than 202, by status, 0 for none; a figure, since they were told.
    ``broken``: in words, what was accepted and lost.
    """

    per_s: float
    seconds: int
    accepted: tuple[float, float]
    decided: tuple[float, float]
    shown: tuple[float, float]
    refused: dict[int, int]
    broken: list[str]

    @property
    def clicks(self) -> int:
        """How many bookings were asked for."""
        return round(self.per_s * self.seconds)


def measure(where: Addresses, seats: Seats, sent: int, per_s: float, seconds: int) -> Latency:
    """Send the crowd, ``per_s`` a second for so long; ``sent``: how many of the seats were asked for before."""
    crowd = send(where, seats, sent, per_s, round(per_s * seconds))
    accepted = crowd.accepted
    return Latency(
        per_s,
        seconds,
        _percentiles([answer.latency_s for answer in crowd.answers]),
        _percentiles(_delays(accepted, crowd.decided)),
        _percentiles(_delays(accepted, crowd.shown)),
        dict(Counter(answer.status for answer in crowd.answers if answer.status != ACCEPTED)),
        crowd.lost(),
    )


def _delays(accepted: Mapping[str, Answer], seen: Mapping[str, float]) -> list[float]:
    return [seen.get(booking_id, float("inf")) - answer.answered for booking_id, answer in accepted.items()]


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    return (percentile_ms(seconds, 50), percentile_ms(seconds, 99))
