"""Crowd: bookings at a constant rate, none waiting for another, and when each was answered, decided and shown.

``latency`` and the growth runs enter with ``send``. What the observers saw is kept in processes of their own.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.bench import closed_loop, open_loop
from loadtest.bench.closed_loop import Seats
from loadtest.bench.observers import Observer, observe_ledger, observe_view
from loadtest.bench.open_loop import Answer, percentile_ms
from loadtest.bench.rig import Addresses
from loadtest.bench.throughput import PATH

SEEN_WITHIN_S: Final = 60.0
"""After the last answer; a healthy platform needs a part of a second."""
ACCEPTED: Final = 202


@dataclass(frozen=True, slots=True)
class Crowd:
    """What became of the bookings: their answers, and when which booking was decided and shown (``time.monotonic()``).

    ``per_s`` is what was offered. Rates are a second of the time that the crowd took to come, or longer where it took
    the platform longer.
    """

    per_s: float
    answers: Sequence[Answer]
    decided: Mapping[str, float]
    shown: Mapping[str, float]

    @property
    def accepted(self) -> dict[str, Answer]:
        """The answers of those that were accepted, by booking id."""
        return accepted_by_id(self.answers)

    def accepted_per_s(self) -> float:
        """Bookings accepted a second."""
        return self._rate([answer.answered for answer in self.answers if answer.status == ACCEPTED])

    def decided_per_s(self) -> float:
        """Accepted bookings decided a second."""
        return self._rate([self.decided[booking_id] for booking_id in self.accepted if booking_id in self.decided])

    def refused_per_s(self) -> float:
        """Bookings that were told no, or nothing, a second."""
        return (len(self.answers) - len(self.accepted)) / self._coming_s()

    def accepted_ms(self, percent: float) -> float:
        """From the moment when a click was due to its 202."""
        return percentile_ms([answer.latency_s for answer in self.answers if answer.status == ACCEPTED], percent)

    def shown_ms(self, percent: float) -> float:
        """From a client's 202 until the booking was shown."""
        accepted = self.accepted
        return percentile_ms(
            [self.shown[each] - accepted[each].answered for each in accepted.keys() & self.shown], percent
        )

    def projected_ms(self, percent: float) -> float:
        """From the moment when a booking was seen decided until it was shown."""
        return percentile_ms(
            [self.shown[each] - self.decided[each] for each in self.decided.keys() & self.shown], percent
        )

    def lost(self) -> list[str]:
        """Return in words what was accepted and then not seen."""
        accepted = self.accepted
        return [
            f"{missing} accepted bookings were not {what} within {SEEN_WITHIN_S:.0f} s, at {self.per_s:,.0f} a second"
            for what, seen in (("decided", self.decided), ("shown", self.shown))
            if (missing := len(accepted.keys() - seen.keys()))
        ]

    def _coming_s(self) -> float:
        return len(self.answers) / self.per_s

    def _rate(self, moments: Sequence[float]) -> float:
        took = max(moments, default=0.0) - self.answers[0].due
        return len(moments) / max(took, self._coming_s())


def send(where: Addresses, seats: Seats, sent: int, per_s: float, count: int) -> Crowd:
    """Send a crowd of so many, and wait until all of it is seen; ``sent``: how many were asked for before."""
    bodies = [closed_loop.body(seats, number) for number in range(sent, sent + count)]
    with (
        Observer(observe_ledger, where.ledger) as ledger,
        Observer(observe_view, where.view, where.view_database) as view,
    ):
        answers = open_loop.post(where.gateway, PATH, bodies, per_s)
        accepted, deadline = accepted_by_id(answers), time.monotonic() + SEEN_WITHIN_S
        return Crowd(per_s, answers, ledger.collect(accepted, deadline), view.collect(accepted, deadline))


def accepted_by_id(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Return the answers of those that were accepted, by booking id."""
    return {json.loads(answer.body)["booking_id"]: answer for answer in answers if answer.status == ACCEPTED}
