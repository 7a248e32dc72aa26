"""One event: bookings a second when everybody wants the same hall, against a transaction that counts it down.

The hall is so large that it is not sold out meanwhile: refusals are cheaper than bookings, and would flatter us.
"""

from dataclasses import dataclass
from typing import Final

from loadtest.bench import throughput
from loadtest.bench.announce import announce
from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import Seats
from loadtest.bench.progress import Progress
from loadtest.bench.rig import Addresses
from loadtest.bench.spread import Spread
from loadtest.bench.throughput import COUNTED, Booker, Seconds, Throughput

SEATS: Final = Seats("one-event-", 1, 200_000)
TARGET: Final = 5.0
ANNOUNCED_WITHIN_S: Final = 180.0
"""Some seconds where the machine has nothing else to do."""


@dataclass(frozen=True, slots=True)
class OneEvent:
    """All rounds; ``broken`` says in words what was lost, or that the hall was too small."""

    through: Throughput
    broken: list[str]

    @property
    def per_s(self) -> Spread:
        """Frontrow's bookings a second, confirmed and shown."""
        return Spread.of([one.per_s for one in self.through.durable])

    @property
    def reference_per_s(self) -> Spread:
        """The reference's bookings a second."""
        return Spread.of([one.per_s for one in self.through.direct])

    @property
    def ratio(self) -> Spread:
        """Frontrow against the reference, round by round."""
        return self.through.ratios

    @property
    def met(self) -> bool:
        """Whether the median is what it should be."""
        return self.ratio.median >= TARGET


def measure(
    where: Addresses,
    partitions: int,
    progress: Progress,
    rounds: int = throughput.ROUNDS,
    seconds: Seconds | None = None,
) -> OneEvent:
    """Announce the hall and run all rounds; the direct reference is running.

    Raises:
        TimeoutError: the hall was not announced, or a round's bookings not shown, in time.
    """
    announce(where.bootstrap, where.topic, partitions, [Hall(f"{SEATS.prefix}0", SEATS.seats)])
    progress.wait_until_shown(ANNOUNCED_WITHIN_S)
    booker = Booker(where, SEATS, COUNTED, seconds)
    through = throughput.measure(booker, progress, rounds)
    broken = [f"everything on one event: {text}" for text in through.broken]
    if booker.sent > SEATS.seats:
        broken.append(f"everything on one event: {booker.sent:,} bookings were sent, and it has {SEATS.seats:,} seats")
    return OneEvent(through, broken)
