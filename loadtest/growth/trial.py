"""Trial: one platform of its own with nothing in it, on which one group of series is measured, and what they all do.

A figure counts only as long as nothing was lost: whatever is found lost or decided wrongly goes into ``broken``, and
the invariant checker has the last word. Work enters through the gateway or through the log, as in life.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from infra.native.instance import Instance
from loadtest.bench import closed_loop, rig
from loadtest.bench.announce import announce
from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import Seats
from loadtest.bench.progress import Progress
from loadtest.bench.throughput import PATH
from loadtest.loopback import refuse_unless_loopback

ROUNDS: Final = 3
"""Of every point: fewer would not show the machine's noise."""
SHOWN_WITHIN_S: Final = 900.0
"""Long enough for a million seats to be put on sale; a healthy platform is done much sooner."""
AUDITED_WITHIN_S: Final = 7_200.0
"""The checker replays the whole log, also one of five millions."""
WARM_UP: Final = Seats("warm-", 1, 10_000)
WARM_UP_S: Final = 2
ANSWER_WITHIN_S: Final = 10.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """A running platform. ``quick``: few and short rounds, which show that the measuring works and nothing else."""

    instance: Instance
    where: rig.Addresses
    progress: Progress
    say: Say
    quick: bool
    broken: list[str] = field(default_factory=list)
    _sent: Counter[str] = field(default_factory=Counter)

    @property
    def reader(self) -> str:
        """Where views are read without the gateway, which would keep them for a second."""
        return f"http://127.0.0.1:{self.instance.ports.read_api[0]}"

    def announce(self, halls: Sequence[Hall]) -> None:
        """Put halls on sale, and wait until they are shown."""
        announce(self.where.bootstrap, self.where.topic, self.instance.settings.partitions, list(halls))
        self.progress.wait_until_shown(SHOWN_WITHIN_S)

    def put_on_sale(self, seats: Seats) -> None:
        """Put the halls of these seats on sale, and wait until they are shown."""
        self.announce([Hall(f"{seats.prefix}{number}", seats.seats) for number in range(seats.halls)])

    def warm_up(self) -> None:
        """Book for a moment and count nothing: the log's Java machine compiles while it works at first."""
        self.put_on_sale(WARM_UP)
        self.book(WARM_UP, WARM_UP_S)

    def book(self, seats: Seats, seconds: int) -> float:
        """Book in a closed loop until all of it is shown; returns bookings confirmed and shown a second."""
        before, started = self.progress.bookings(), time.monotonic()
        figures = closed_loop.book(self.where.gateway, PATH, seats, self._sent[seats.prefix], seconds)
        took_s = self.progress.wait_until_shown(SHOWN_WITHIN_S) - started
        shown = self.progress.bookings() - before
        self.take(seats, figures.asked)
        if shown < figures.accepted:
            self.broken.append(f"{seats.prefix}: {figures.accepted} accepted, and only {shown} shown")
        if figures.refused:
            # They were told, so nothing is lost; but who reads the figure should know that the platform was full.
            self.say(f"{seats.prefix}: {figures.refused} of {figures.answers} clicks were refused")
        return shown / took_s

    def take(self, seats: Seats, count: int) -> int:
        """Count so many of the seats as asked for; returns how many were before.

        Seats that are asked for twice are refused, which costs less than a booking: then the figures are of something
        else, which is told as broken.
        """
        before = self._sent[seats.prefix]
        self._sent[seats.prefix] += count
        if seats is not WARM_UP and self._sent[seats.prefix] > seats.halls * seats.seats:
            self.broken.append(f"{seats.prefix}: there are fewer seats than were asked for")
        return before

    def audit(self) -> float:
        """Hold log, ledger and view against each other; returns how many seconds that took."""
        self.say("checking the invariants")
        waiting = ("--wait", f"{SHOWN_WITHIN_S:.0f}")
        began = time.monotonic()
        self.broken.extend(rig.audited(self.instance, *waiting, within_s=AUDITED_WITHIN_S))
        return time.monotonic() - began

    def start_again(self) -> float:
        """Stop everything, stores as well, and start it; returns how many seconds the start took."""
        self.instance.stop()
        began = time.monotonic()
        self.instance.start(seed=False)
        took_s = time.monotonic() - began
        self.progress.reconnect()
        return took_s

    def rebuild(self) -> float:
        """Have the view made anew and compared with the old one; returns how many seconds that took."""
        began = time.monotonic()
        self.broken.extend(rig.run(self.instance, "sync_service", "rebuild", within_s=AUDITED_WITHIN_S))
        return time.monotonic() - began


@contextmanager
def running(instance: Instance, say: Say, *, quick: bool, demo_events: bool) -> Iterator[Trial]:
    """Have a platform running and warm, and stop and remove it afterwards."""
    try:
        instance.start(seed=demo_events)
        where = rig.addresses(instance)
        with Progress(where, instance.settings.partitions) as progress:
            trial = Trial(instance, where, progress, say, quick)
            trial.warm_up()
            yield trial
    finally:
        instance.reset()


def read_ms(url: str, paths: Sequence[str], token: str = "") -> float:
    """Read these one after the other on one connection; returns the median of their times in milliseconds.

    Raises:
        ValueError: one is not answered with 200.
    """
    refuse_unless_loopback(url)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connection = HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_WITHIN_S)
    times = []
    try:
        for path in paths:
            began = time.monotonic()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            times.append(time.monotonic() - began)
            if answer.status != 200:  # noqa: PLR2004 - OK
                msg = f"{path} was answered with {answer.status}"
                raise ValueError(msg)
    finally:
        connection.close()
    return median(times) * 1000
