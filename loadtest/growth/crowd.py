"""Crowd: bookings at a constant rate, none waiting for another, and when each was answered, decided and shown.

What each of them saw is kept by the observers of ``loadtest.bench``, in processes of their own.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.bench import open_loop
from loadtest.bench.closed_loop import Seats
from loadtest.bench.observers import Observer, observe_ledger, observe_view
from loadtest.bench.open_loop import Answer, percentile_ms
from loadtest.bench.throughput import PATH
from loadtest.growth.trial import SHOWN_WITHIN_S, Trial

SEEN_WITHIN_S: Final = 60.0
"""After everything on the log is shown."""
_STILL_S: Final = 0.5
_ACCEPTED: Final = 202


@dataclass(frozen=True, slots=True)
class Crowd:
    """What became of the bookings: their answers, and when which booking was decided and shown (``time.monotonic()``).

    Rates are a second of the time that the crowd took to come, or longer where it took the platform longer.
    """

    per_s: float
    answers: Sequence[Answer]
    decided: Mapping[str, float]
    shown: Mapping[str, float]

    @property
    def accepted(self) -> dict[str, Answer]:
        """The answers of those that were accepted, by booking id."""
        return {json.loads(answer.body)["booking_id"]: answer for answer in self.answers if answer.status == _ACCEPTED}

    def accepted_per_s(self) -> float:
        """Bookings accepted a second."""
        return self._rate([answer.answered for answer in self.answers if answer.status == _ACCEPTED])

    def decided_per_s(self) -> float:
        """Accepted bookings decided a second."""
        return self._rate([self.decided[booking_id] for booking_id in self.accepted if booking_id in self.decided])

    def refused_per_s(self) -> float:
        """Bookings that were told no, or nothing, a second."""
        return (len(self.answers) - len(self.accepted)) / self._coming_s()

    def accepted_ms(self, percent: float) -> float:
        """From the moment when a click was due to its 202."""
        return percentile_ms([answer.latency_s for answer in self.answers if answer.status == _ACCEPTED], percent)

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


def send(trial: Trial, seats: Seats, per_s: int, seconds: int) -> Crowd:
    """Send a crowd to seats that nobody asked for before, and wait until all of it is shown."""
    count, where = per_s * seconds, trial.where
    first = trial.take(seats, count)
    bodies = [body(seats, number) for number in range(first, first + count)]
    with (
        Observer(observe_ledger, where.ledger) as ledger,
        Observer(observe_view, where.view, where.view_database) as view,
    ):
        answers = open_loop.post(where.gateway, PATH, bodies, per_s)
        trial.progress.wait_until_shown(SHOWN_WITHIN_S)
        _wait_until_still(ledger, view, sum(answer.status == _ACCEPTED for answer in answers))
        crowd = Crowd(per_s, answers, ledger.collect(), view.collect())
    trial.broken.extend(crowd.lost())
    return crowd


def _wait_until_still(ledger: Observer, view: Observer, accepted: int) -> None:
    """Wait until both have seen as many, and see no more.

    Their number alone says nothing: bookings of clients that left before they were answered may be among them.
    """
    before, deadline = (0, 0), time.monotonic() + SEEN_WITHIN_S
    while time.monotonic() < deadline:
        now = (ledger.count(), view.count())
        if now == before and min(now) >= accepted:
            return
        before = now
        time.sleep(_STILL_S)


def body(seats: Seats, number: int) -> bytes:
    """Return the request for one of the seats, one hall after the other in turn."""
    hall, seat = number % seats.halls, number // seats.halls % seats.seats + 1
    return f'{{"userId":"user-{number}","eventId":"{seats.prefix}{hall}","seatId":"S{seat}"}}'.encode()
