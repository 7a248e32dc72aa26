"""Throughput: bookings a second with 64 clients who each wait for their answer, Frontrow's and a direct reference's.

Rounds of both take turns, so that whatever else the machine does falls on both. A booking of Frontrow's
counts once it is confirmed in the ledger and shown in the view, and the time runs until the last one is.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from loadtest.bench import closed_loop, direct, spent
from loadtest.bench.closed_loop import Figures, Seats
from loadtest.bench.pace import Pace
from loadtest.bench.progress import Progress
from loadtest.bench.rig import COUNTED_SEATS, DIRECT_SEATS, Addresses

DIRECT_S: Final = 4
DURABLE_S: Final = 5
SHOWN_WITHIN_S: Final = 60.0
WARM_UP: Final = 3
"""Rounds before those that count: the log's Java machine compiles while it works, for some 40,000 bookings."""
PATH: Final = "/api/book"


@dataclass(frozen=True, slots=True)
class Reference:
    """What Frontrow is held against: a path at the gateway, and the seats that can be booked there."""

    path: str
    seats: Seats


DIRECT: Final = Reference(direct.PATH, DIRECT_SEATS)
COUNTED: Final = Reference(direct.COUNTED_PATH, COUNTED_SEATS)


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
    """All rounds, and in words what was lost.

    ``spent_s``: for each round at Frontrow, the processor time that was used from its first request until its last
    booking was shown, in seconds by component.
    """

    direct: Sequence[Figures]
    durable: Sequence[Durable]
    spent_s: Sequence[Mapping[str, float]]
    broken: list[str]


@dataclass(frozen=True)
class Measured:
    """How a platform is looked at. ``used_s``: the processor time of each program so far, in seconds; ``alone``: within
    it nobody looks through the stores but who is measured."""  # noqa: D205, D209 - more than a line

    used_s: Callable[[], Mapping[str, float]]
    alone: Callable[[], AbstractContextManager[None]]


class Booker:
    """Sends the bookings, each for a seat that nobody asked for before, to Frontrow and to the reference."""

    def __init__(self, where: Addresses, seats: Seats, reference: Reference = DIRECT) -> None:
        self.seats = seats
        self._where = where
        self._reference = reference
        self._direct_sent = 0
        self.sent = 0

    def direct(self, seconds: int = DIRECT_S) -> Figures:
        """Book at the direct reference for a round."""
        reference = self._reference
        figures = closed_loop.book(self._where.gateway, reference.path, reference.seats, self._direct_sent, seconds)
        self._direct_sent += figures.asked
        return figures

    def durable(self, progress: Progress, seconds: int = DURABLE_S) -> Durable:
        """Book at Frontrow for a round, and wait until all of it is shown."""
        before = progress.bookings()
        started = time.monotonic()
        figures = self.accepted(seconds)
        ended = time.monotonic()
        shown_at = progress.wait_until_shown(SHOWN_WITHIN_S)
        return Durable(figures, progress.bookings() - before, shown_at - started, shown_at - ended)

    def accepted(self, seconds: int) -> Figures:
        """Book at Frontrow for a round, whatever becomes of it afterwards."""
        figures = closed_loop.book(self._where.gateway, PATH, self.seats, self.sent, seconds)
        self.sent += figures.asked
        return figures


def measure(booker: Booker, progress: Progress, measured: Measured, pace: Pace, rounds: int) -> Throughput:
    """Run so many rounds; the first ``WARM_UP`` of Frontrow's and one of the reference's are not counted."""
    used_s = measured.used_s
    confirmed = progress.confirmed()
    directs, spent_s = [], []
    durables = [booker.durable(progress, pace.durable_s) for _ in range(WARM_UP - 1)]
    for _ in range(1 + rounds):
        with measured.alone():
            directs.append(booker.direct(pace.direct_s))
        before = used_s()
        durables.append(booker.durable(progress, pace.durable_s))
        spent_s.append(spent.between(before, used_s()))
    shown = sum(one.shown for one in durables)
    accepted = sum(one.clients.accepted for one in durables)
    confirmed = progress.confirmed() - confirmed
    broken = []
    if shown < accepted:
        broken.append(f"{accepted} bookings were accepted and only {shown} are shown")
    if confirmed != shown:
        broken.append(f"{shown} bookings of distinct seats are shown and {confirmed} of them confirmed")
    if booker.sent > booker.seats.halls * booker.seats.seats:
        broken.append(f"{booker.sent:,} seats were asked for, more than there are: refusals cost less than bookings")
    return Throughput(directs[1:], durables[WARM_UP:], spent_s[1:], broken)
