"""A batch: entries of several partitions, decided in offset order and written in one transaction.

Pure but for the ledger that it is given. Nothing here may depend on where a batch was cut: what a later entry sees is
what the earlier ones left, in the same batch or in the ledger.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from contracts.commands import AddSeats, BookSeats, Command, PublishEvent, Tick
from worker.entries import Entry
from worker.ledger import Found, Ledger, Move, Position, Wanted, Writes
from worker.marks import mark_of
from worker.rows import Verdict, writes_of
from worker.rules import Hall, Seat, Unreadable, apply, decide, seats_of

MOST_NEW_SEATS: Final = 2_000
"""How many seats one transaction may add; a block of more, if there ever is one, has a transaction to itself. A
thousand cost about 20 ms, so a hall being announced keeps the feed's horizon, and bookings beside it, for no longer
than a batch of bookings does. What one gathering holds, up to two million, would take most of a minute at once."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A committed batch: how many messages it had, where its partitions now stand, and what became of its messages.

    ``repeated`` counts messages of commands that were decided before; they have no verdict here.
    """

    messages: int
    positions: Mapping[int, Position]
    verdicts: Sequence[Verdict]
    repeated: int
    dead_letters: Sequence[Entry]


class PoisonError(Exception):
    """The rules raised for ``entry``, which no command should make them do."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(f"the rules raised at partition {entry.partition} offset {entry.offset}")
        self.entry = entry


class Timed(NamedTuple):
    """A command that is to be decided, with the log's time at it."""

    entry: Entry
    command: Command | Unreadable
    log_time_ms: int


def cut(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield ``entries`` in order, as batches that add no more than ``MOST_NEW_SEATS``; they are taken as needed."""
    batch: list[Entry] = []
    seats = 0
    for entry in entries:
        more = _new_seats(entry)
        if batch and seats + more > MOST_NEW_SEATS:
            yield batch
            batch, seats = [], 0
        batch.append(entry)
        seats += more
    if batch:
        yield batch


def _new_seats(entry: Entry) -> int:
    return sum(len(row.seat_ids) for row in entry.command.rows) if isinstance(entry.command, AddSeats) else 0


def settle(ledger: Ledger, topic_id: str, entries: Sequence[Entry], positions: Mapping[int, Position]) -> Settled:
    """Decide ``entries``, which continue ``positions``, and commit. Raises what ``Ledger.transact`` raises."""
    moved, timed = _in_time(entries, positions)
    moves = [Move(partition, positions[partition].next_offset, *position) for partition, position in moved.items()]
    dead_letters = [each.entry for each in timed if isinstance(each.command, Unreadable)]
    verdicts: list[Verdict] = []

    def decide_all(found: Found) -> Writes:
        halls = _halls(found)
        verdicts.extend(_fold(timed, halls, found.decided))
        return writes_of(topic_id, dead_letters, verdicts, halls, found)

    ledger.transact(topic_id, moves, _wanted(timed), decide_all)
    return Settled(
        messages=len(entries),
        positions=moved,
        verdicts=verdicts,
        repeated=sum(each.command.command_id is not None for each in timed) - len(verdicts),
        dead_letters=dead_letters,
    )


def _in_time(entries: Sequence[Entry], positions: Mapping[int, Position]) -> tuple[dict[int, Position], list[Timed]]:
    """Return where the partitions stand after ``entries``, and each command's log time: the running maximum."""
    moved: dict[int, Position] = {}
    last: dict[int, Entry] = {}
    timed: list[Timed] = []
    for entry in entries:
        before = moved.get(entry.partition) or positions[entry.partition]
        now_ms = max(before.log_time_ms, entry.stamp_ms)
        moved[entry.partition] = Position(entry.offset + 1, now_ms)
        last[entry.partition] = entry
        if not isinstance(entry.command, Tick):
            timed.append(Timed(entry, entry.command, now_ms))
    for partition, entry in last.items():
        mark = mark_of(entry.stamp_ms, entry.raw.value() if entry.raw is not None else None)
        moved[partition] = moved[partition]._replace(mark=mark)
    return moved, timed


def _wanted(timed: Iterable[Timed]) -> Wanted:
    ids: dict[str, None] = {}
    events: dict[str, None] = {}
    seats: dict[tuple[str, str], None] = {}
    blocks_of: dict[str, None] = {}
    for _entry, command, _time in timed:
        if command.command_id is not None:
            ids[command.command_id] = None
        if isinstance(command, Unreadable):
            continue
        event_id = command.event_id
        events[event_id] = None
        if isinstance(command, BookSeats):
            for seat_id in command.seat_ids:
                seats[event_id, seat_id] = None
        elif isinstance(command, AddSeats):
            blocks_of[event_id] = None
            for seat_id in seats_of(command):
                seats[event_id, seat_id] = None
        elif isinstance(command, PublishEvent):
            blocks_of[event_id] = None
    return Wanted(list(ids), list(events), list(seats), list(blocks_of))


def _halls(found: Found) -> dict[str, Hall]:
    halls = {event_id: Hall(status, version) for event_id, (status, version) in found.events.items()}
    for event_id, block in found.blocks:
        halls[event_id].blocks.add(block)
    for row in found.seats:
        halls[row.event_id].seats[row.seat_id] = Seat(row.block, row.position, row.status, row.version, row.booking_id)
    return halls


def _fold(timed: Iterable[Timed], halls: dict[str, Hall], decided: frozenset[str]) -> Iterable[Verdict]:
    """Decide in offset order. The first message of an id counts: a repeated one finds its outcome there already."""
    seen = set(decided)
    for entry, command, log_time_ms in timed:
        if command.command_id is None or command.command_id in seen:
            continue
        seen.add(command.command_id)
        hall = halls.get(command.event_id)
        if hall is None:
            hall = halls[command.event_id] = Hall()
        try:
            decision = decide(hall, command, log_time_ms)
            apply(hall, command, decision)
        except Exception as error:
            raise PoisonError(entry) from error
        yield Verdict(entry, command, log_time_ms, decision)
