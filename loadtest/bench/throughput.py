"""Throughput: bookings a second with 64 clients who each wait for their answer, Frontrow's and a direct reference's.

Rounds of both take turns, so that whatever else the machine does falls on both. A booking of Frontrow's
counts once it is confirmed in the ledger and shown in the view, and the time runs until the last one is.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.bench import closed_loop, direct
from loadtest.bench.closed_loop import CLIENTS, Figures, Seats
from loadtest.bench.progress import Progress
from loadtest.bench.rig import COUNTED_SEATS, DIRECT_SEATS, Addresses
from loadtest.bench.spread import Spread, neighbours

ROUNDS: Final = 3
DIRECT_S: Final = 4
DURABLE_S: Final = 5
SHOWN_WITHIN_S: Final = 60.0
PATH: Final = "/api/book"


@dataclass(frozen=True, slots=True)
class Reference:
    """What Frontrow is held against: a path at the gateway, and the seats that can be booked there."""

    path: str
    seats: Seats


DIRECT: Final = Reference(direct.PATH, DIRECT_SEATS)
COUNTED: Final = Reference(direct.COUNTED_PATH, COUNTED_SEATS)


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long a round lasts: at the reference, and at Frontrow before its backlog is waited for."""

    direct: int = DIRECT_S
    durable: int = DURABLE_S


@dataclass(frozen=True)
class Durable:
    """One round at Frontrow. ``backlog_s``: from the load's end until the last booking was shown."""

    clients: Figures
    shown: int
    seconds: float
    backlog_s: float

    @property
    def per_s(self) -> float:
        """Bookings confirmed and shown a second, from the first request until the last was shown."""
        return self.shown / self.seconds


@dataclass(frozen=True)
class Throughput:
    """All rounds, and in words what was lost."""

    direct: Sequence[Figures]
    durable: Sequence[Durable]
    broken: list[str]

    @property
    def ratio(self) -> float:
        """Frontrow against direct: the median of ``ratios``."""
        return self.ratios.median

    @property
    def ratios(self) -> Spread:
        """The rounds' ratios, each to the direct round just before."""
        return neighbours([one.per_s for one in self.durable], [one.per_s for one in self.direct])

    @property
    def durable_per_s(self) -> float:
        """Median of Frontrow's rounds."""
        return statistics.median(one.per_s for one in self.durable)

    @property
    def backlog_s(self) -> float:
        """The longest backlog of any round."""
        return max(one.backlog_s for one in self.durable)


class Booker:
    """Sends the bookings, each for a seat that nobody asked for before, to Frontrow and to the reference."""

    def __init__(
        self, where: Addresses, seats: Seats, reference: Reference = DIRECT, seconds: Seconds | None = None
    ) -> None:
        self._where = where
        self._seats = seats
        self._reference = reference
        self._seconds = seconds or Seconds()
        self._direct_sent = 0
        self.sent = 0

    def direct(self) -> Figures:
        """Book at the direct reference for a round."""
        reference = self._reference
        figures = closed_loop.book(
            self._where.gateway, reference.path, reference.seats, self._direct_sent, self._seconds.direct
        )
        # What was under way when the clients left may have been booked as well.
        self._direct_sent += figures.answers + CLIENTS
        return figures

    def durable(self, progress: Progress) -> Durable:
        """Book at Frontrow for a round, and wait until all of it is shown."""
        before = progress.bookings()
        started = time.monotonic()
        figures = closed_loop.book(self._where.gateway, PATH, self._seats, self.sent, self._seconds.durable)
        ended = time.monotonic()
        shown_at = progress.wait_until_shown(SHOWN_WITHIN_S)
        self.sent += figures.answers + CLIENTS
        return Durable(figures, progress.bookings() - before, shown_at - started, shown_at - ended)


def measure(booker: Booker, progress: Progress, rounds: int = ROUNDS) -> Throughput:
    """Run all rounds."""
    confirmed = progress.confirmed()
    directs, durables = [], []
    for _ in range(rounds):
        directs.append(booker.direct())
        durables.append(booker.durable(progress))
    shown = sum(one.shown for one in durables)
    accepted = sum(one.clients.accepted for one in durables)
    confirmed = progress.confirmed() - confirmed
    broken = []
    if shown < accepted:
        broken.append(f"{accepted} bookings were accepted and only {shown} are shown")
    if confirmed != shown:
        broken.append(f"{shown} bookings of distinct seats are shown and {confirmed} of them confirmed")
    return Throughput(directs, durables, broken)
