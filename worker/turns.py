"""Turns: which of the messages at hand are decided next, so that nobody waits for somebody else's hall.

The loop puts in what was gathered and takes out one batch at a time. Within a partition the order is the log's; between
partitions there is none, so a partition whose next message would add too many seats waits for the next turn, while the
others' bookings go on (test: ``test_a_booking_does_not_wait_for_another_partition_s_hall``). Messages are read as they
are taken, or ahead of that while PostgreSQL is at work. Pure but for the reading, which is passed in.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, Generic, Protocol, TypeVar

from contracts.commands import AddSeats, BlockSeats, BookSeats, ReleaseSeats, Tick
from worker.entries import Entry

MOST_NEW_SEATS: Final = 2_000
"""How many seats one transaction may add, block or release; a block of more, if there ever is one, has a transaction to
itself. A thousand cost about 20 ms, so a hall being announced keeps the feed's horizon, and bookings beside it, for no
longer than a batch of bookings does. What one gathering holds, up to two million, would take most of a minute at once.
"""
MOST_TICKS: Final = 100
"""How many ticks one transaction may have: each may end a thousand bookings. Only a backlog has more than a few."""
MOST_WAITING: Final = 4_000
"""How many messages may wait here: four of the largest events, 50 MB. Beyond them the log keeps what comes."""


class Placed(Protocol):
    """What is known of a message before it is read."""

    def partition(self) -> int | None: ...  # noqa: D102
    def offset(self) -> int | None: ...  # noqa: D102


M = TypeVar("M", bound=Placed)


class Turns(Generic[M]):
    """A queue a partition. ``read`` makes an entry of a message."""

    def __init__(self, read: Callable[[M], Entry]) -> None:
        self._read = read
        self._waiting: dict[int, deque[M]] = {}
        self._ahead: defaultdict[int, deque[Entry]] = defaultdict(deque)
        """What was read and not taken, since it was too large for its turn or read ahead: the first of their queues."""

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, messages: Iterable[M]) -> None:
        """Put in what came; a partition that begins anew, since it was lost and placed again, forgets what waited."""
        for message in messages:
            partition = message.partition() or 0
            waiting = self._waiting.get(partition)
            if waiting is None:
                waiting = self._waiting[partition] = deque()
            elif waiting and (message.offset() or 0) <= (waiting[-1].offset() or 0):
                waiting.clear()
                self._ahead[partition].clear()
            waiting.append(message)

    def read_ahead(self, most: int) -> None:
        """Read what the next batch may begin with, at most so many messages, and of each partition up to a hall."""
        for partition, waiting in self._waiting.items():
            ahead = self._ahead[partition]
            most -= len(ahead)
            for message in islice(waiting, len(ahead), len(ahead) + max(most, 0)):
                if ahead and _work_in(ahead[-1])[0]:
                    break
                ahead.append(self._read(message))
                most -= 1

    def take(self, most: int) -> list[Entry]:
        """Return the next batch: at most so many messages, and what they may do at once."""
        batch: list[Entry] = []
        seats = ticks = 0
        served: dict[int, deque[M]] = {}
        passed_over: dict[int, deque[M]] = {}
        for partition, waiting in self._waiting.items():
            before = len(batch)
            ahead = self._ahead[partition]
            while waiting and len(batch) < most:
                if not ahead:
                    ahead.append(self._read(waiting[0]))
                entry = ahead[0]
                more_seats, more_ticks = _work_in(entry)
                too_much = seats + more_seats > MOST_NEW_SEATS or ticks + more_ticks > MOST_TICKS
                if batch and too_much and (more_seats or more_ticks):
                    break
                waiting.popleft()
                ahead.popleft()
                batch.append(entry)
                seats += more_seats
                ticks += more_ticks
            if waiting:
                (served if len(batch) > before else passed_over)[partition] = waiting
        self._waiting = passed_over | served
        return batch


def _work_in(entry: Entry) -> tuple[int, int]:
    """Return how many seats are added, blocked or released, and how many ticks it is."""
    match entry.command:
        case BookSeats():  # nearly all: first, since an exact type is told at once, and the others one after the other
            return 0, 0
        case AddSeats():
            return sum(len(row.seat_ids) for row in entry.command.rows), 0
        case BlockSeats() | ReleaseSeats():
            return len(entry.command.seat_ids), 0
        case Tick():
            return 0, 1
        case _:
            return 0, 0
