"""Contest: the whole path, from the POST until the booking is shown, of Frontrow and of the naive system in turns.

Two loads. **Busy**: 64 clients in a closed loop, in rounds. Counted are bookings a second, confirmed and shown, from
the first request until the last was shown, and how late each was shown after its 202. Who is slower than its front has
a backlog that grows with the load's length, and lateness with it. **Gentle**: an open loop that both sustain easily,
where nobody has a backlog, so that lateness is the path's own.

Both sides are watched in the same way, by a change stream of their views; that costs Frontrow more of the machine than
the naive system, which mostly waits.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from loadtest.bench import closed_loop, naive, naive_rig, open_loop, throughput
from loadtest.bench.closed_loop import Figures, Seats
from loadtest.bench.crowd import accepted_by_id
from loadtest.bench.naive_rig import NaiveProgress
from loadtest.bench.observers import Observer, observe_view
from loadtest.bench.open_loop import percentile_ms
from loadtest.bench.pace import Pace
from loadtest.bench.progress import Progress
from loadtest.bench.rig import Addresses
from loadtest.bench.throughput import Booker

GENTLE_PER_S: Final = 50
SHOWN_WITHIN_S: Final = 240.0
SEEN_WITHIN_S: Final = 10.0
"""After that, by the observer as well."""


class Behind(Protocol):
    """How far a side is with what its front accepted."""

    def wait_until_shown(self, within_s: float) -> float: ...  # noqa: D102
    def bookings(self) -> int: ...  # noqa: D102
    def confirmed(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: where it is asked, for which seats, how far it is, and where its view is."""

    name: str
    gateway: str
    path: str
    seats: Seats
    behind: Behind
    view: str
    view_database: str


@dataclass(frozen=True, slots=True)
class Busy:
    """A round of the closed loop. ``late_s``: from the 202 until it was shown, of every accepted booking."""

    clients: Figures
    shown: int
    seconds: float
    late_s: Sequence[float]

    @property
    def per_s(self) -> float:
        """Bookings confirmed and shown a second, from the first request until the last was shown."""
        return self.shown / self.seconds

    @property
    def p99_ms(self) -> float:
        """What 99 of 100 bookings were shown within, after their 202."""
        return percentile_ms(self.late_s, 99)


@dataclass(frozen=True, slots=True)
class Contest:
    """All rounds of both, ``gentle`` as seconds from 202 to shown; ``broken`` says in words what was lost."""

    frontrow: Sequence[Busy]
    naive: Sequence[Busy]
    gentle_frontrow: Sequence[float]
    gentle_naive: Sequence[float]
    broken: list[str]


class Contestant:
    """A side while it is measured: each booking is for a seat that nobody asked for before."""

    def __init__(self, side: Side, sent: int = 0) -> None:
        self._side = side
        self.sent = sent
        self.broken: list[str] = []

    def busy(self, seconds: int) -> Busy:
        """Let 64 clients book for so long, and wait until all of it is shown."""
        side = self._side
        shown, confirmed = side.behind.bookings(), side.behind.confirmed()
        with tempfile.TemporaryDirectory(prefix="frontrow-bench-") as folder, self._observer() as view:
            note = Path(folder) / "accepted"
            started = time.monotonic()
            clients = closed_loop.book(side.gateway, side.path, side.seats, self.sent, seconds, note)
            took = side.behind.wait_until_shown(SHOWN_WITHIN_S) - started
            self.sent += clients.asked
            shown, confirmed = side.behind.bookings() - shown, side.behind.confirmed() - confirmed
            late_s = self._late(closed_loop.accepted(note), view)
        if shown < clients.accepted or confirmed != shown:
            self.broken.append(
                f"{side.name}: {clients.accepted} bookings of distinct seats were accepted, {shown} shown,"
                f" {confirmed} confirmed"
            )
        return Busy(clients, shown, took, late_s)

    def gentle(self, seconds: int) -> list[float]:
        """Let ``GENTLE_PER_S`` clients a second book; returns how late each was shown."""
        side, first = self._side, self.sent
        self.sent += seconds * GENTLE_PER_S
        bodies = [closed_loop.body(side.seats, number) for number in range(first, self.sent)]
        with self._observer() as view:
            answers = open_loop.post(side.gateway, side.path, bodies, GENTLE_PER_S)
            side.behind.wait_until_shown(SHOWN_WITHIN_S)
            accepted = accepted_by_id(answers)
            return self._late({booking_id: answer.answered for booking_id, answer in accepted.items()}, view)

    def warm_up(self) -> None:
        """Book a little that is not counted: connections are opened, the consumer joins its group."""
        self.gentle(1)

    def _observer(self) -> Observer:
        return Observer(observe_view, self._side.view, self._side.view_database)

    def _late(self, accepted: Mapping[str, float], view: Observer) -> list[float]:
        """Return by how much each was shown after its 202."""
        seen = view.collect(accepted, time.monotonic() + SEEN_WITHIN_S)
        if missing := len(accepted.keys() - seen.keys()):
            self.broken.append(f"{self._side.name}: {missing} accepted bookings were never shown")
        return [seen.get(booking_id, float("inf")) - at for booking_id, at in accepted.items()]


def measure(where: Addresses, progress: Progress, booker: Booker, behind: NaiveProgress, pace: Pace) -> Contest:
    """Run all rounds of both in turns; Frontrow's bookings are for seats of ``booker``.

    Raises:
        TimeoutError: a side did not show in time what it had accepted.
    """
    ours = Contestant(
        Side("Frontrow", where.gateway, throughput.PATH, booker.seats, progress, where.view, where.view_database),
        booker.sent,
    )
    theirs = Contestant(
        Side("naive", where.gateway, naive.PATH, naive_rig.SEATS, behind, behind.view, behind.view_database)
    )
    for one in (theirs, ours):
        one.warm_up()
    rounds = [(theirs.busy(pace.busy_s), ours.busy(pace.busy_s)) for _ in range(pace.rounds)]
    gentle_theirs, gentle_ours = theirs.gentle(pace.gentle_s), ours.gentle(pace.gentle_s)
    booker.sent = ours.sent
    return Contest(
        [one for _, one in rounds],
        [one for one, _ in rounds],
        gentle_ours,
        gentle_theirs,
        [*ours.broken, *theirs.broken],
    )
