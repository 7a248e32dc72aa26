"""Contest: the whole path, from the POST until the booking is shown, of Frontrow and of the naive system in turns.

Two loads. **Busy**: 64 clients in a closed loop, in rounds. Counted are bookings a second, confirmed and shown, from
the first request until the last was shown, and how late each was shown after its 202. Who is slower than its front has
a backlog that grows with the load's length, and lateness with it. **Gentle**: an open loop that both sustain easily,
where nobody has a backlog, so that lateness is the path's own.

Both sides are watched in the same way, by a change stream of their views; that costs Frontrow more of the machine than
the naive system, which mostly waits.
"""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from loadtest.bench import closed_loop, naive, naive_rig, open_loop, throughput
from loadtest.bench.closed_loop import CLIENTS, Figures, Seats
from loadtest.bench.naive_rig import NaiveProgress
from loadtest.bench.observers import Observer, observe_view
from loadtest.bench.open_loop import percentile_ms
from loadtest.bench.progress import Progress
from loadtest.bench.rig import Addresses
from loadtest.bench.spread import Spread, neighbours

ROUNDS: Final = 3
BUSY_S: Final = 3
"""Short: the naive system needs ten times as long to decide what its front accepts."""
GENTLE_PER_S: Final = 50
GENTLE_S: Final = 15
"""Three polls of the naive system."""
FASTER: Final = 5.0
SOONER: Final = 20.0
SHOWN_WITHIN_S: Final = 240.0
_SEEN_WITHIN_S: Final = 10.0
_ACCEPTED: Final = 202
_POLL_S: Final = 0.05


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

    @property
    def faster(self) -> Spread:
        """Bookings a second, Frontrow's against the naive system's."""
        return neighbours([one.per_s for one in self.frontrow], [one.per_s for one in self.naive])

    @property
    def sooner(self) -> Spread:
        """How many times sooner 99 of 100 are shown under the busy load."""
        return neighbours([one.p99_ms for one in self.naive], [one.p99_ms for one in self.frontrow])

    @property
    def gently_sooner(self) -> float:
        """The same where nobody has a backlog."""
        return percentile_ms(self.gentle_naive, 99) / percentile_ms(self.gentle_frontrow, 99)

    @property
    def met(self) -> bool:
        """Whether the medians are what they should be."""
        return self.faster.median >= FASTER and self.sooner.median >= SOONER


class Contestant:
    """A side while it is measured: each booking is for a seat that nobody asked for before."""

    def __init__(self, side: Side, sent: int = 0) -> None:
        self._side = side
        self._sent = sent
        self.broken: list[str] = []

    def busy(self, seconds: int) -> Busy:
        """Let 64 clients book for so long, and wait until all of it is shown."""
        side = self._side
        shown, confirmed = side.behind.bookings(), side.behind.confirmed()
        with tempfile.TemporaryDirectory(prefix="frontrow-bench-") as folder, self._observer() as view:
            note = Path(folder) / "accepted"
            started = time.monotonic()
            clients = closed_loop.book(side.gateway, side.path, side.seats, self._sent, seconds, note)
            took = side.behind.wait_until_shown(SHOWN_WITHIN_S) - started
            # What was under way when the clients left may have been booked as well.
            self._sent += clients.answers + CLIENTS
            shown, confirmed = side.behind.bookings() - shown, side.behind.confirmed() - confirmed
            late_s = self._late(closed_loop.accepted(note), view, shown)
        if shown < clients.accepted or confirmed != shown:
            self.broken.append(
                f"{side.name}: {clients.accepted} bookings of distinct seats were accepted, {shown} shown,"
                f" {confirmed} confirmed"
            )
        return Busy(clients, shown, took, late_s)

    def gentle(self, seconds: int) -> list[float]:
        """Let ``GENTLE_PER_S`` clients a second book; returns how late each was shown."""
        side, first = self._side, self._sent
        self._sent += seconds * GENTLE_PER_S
        bodies = [closed_loop.body(side.seats, number) for number in range(first, self._sent)]
        shown = side.behind.bookings()
        with self._observer() as view:
            answers = open_loop.post(side.gateway, side.path, bodies, GENTLE_PER_S)
            side.behind.wait_until_shown(SHOWN_WITHIN_S)
            accepted = {
                json.loads(answer.body)["booking_id"]: answer.answered
                for answer in answers
                if answer.status == _ACCEPTED
            }
            return self._late(accepted, view, side.behind.bookings() - shown)

    def warm_up(self) -> None:
        """Book a little that is not counted: connections are opened, the consumer joins its group."""
        self.gentle(1)

    def _observer(self) -> Observer:
        return Observer(observe_view, self._side.view, self._side.view_database)

    def _late(self, accepted: Mapping[str, float], view: Observer, shown: int) -> list[float]:
        """Return by how much each was shown after its 202; ``shown``: how many the view has more than before."""
        deadline = time.monotonic() + _SEEN_WITHIN_S
        while view.count() < shown and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        seen = view.collect()
        if missing := len(accepted.keys() - seen.keys()):
            self.broken.append(f"{self._side.name}: {missing} accepted bookings were never shown")
        return [seen.get(booking_id, float("inf")) - at for booking_id, at in accepted.items()]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int = ROUNDS
    busy_s: int = BUSY_S
    gentle_s: int = GENTLE_S


def measure(
    where: Addresses, progress: Progress, seats: Seats, sent: int, behind: NaiveProgress, size: Size | None = None
) -> Contest:
    """Run all rounds of both in turns. ``seats`` are Frontrow's, on sale; ``sent``: how many were asked for before.

    Raises:
        TimeoutError: a side did not show in time what it had accepted.
    """
    size = size or Size()
    ours = Contestant(
        Side("Frontrow", where.gateway, throughput.PATH, seats, progress, where.view, where.view_database), sent
    )
    theirs = Contestant(
        Side("naive", where.gateway, naive.PATH, naive_rig.SEATS, behind, behind.view, behind.view_database)
    )
    for one in (theirs, ours):
        one.warm_up()
    rounds = [(theirs.busy(size.busy_s), ours.busy(size.busy_s)) for _ in range(size.rounds)]
    gentle_theirs, gentle_ours = theirs.gentle(size.gentle_s), ours.gentle(size.gentle_s)
    return Contest(
        [one for _, one in rounds],
        [one for one, _ in rounds],
        gentle_ours,
        gentle_theirs,
        [*ours.broken, *theirs.broken],
    )
