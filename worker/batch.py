"""A batch: entries of several partitions, decided in offset order and written in one transaction.

Pure but for the ledger that it is given. Nothing here may depend on where a batch was cut: what a later entry sees is
what the earlier ones left, in the same batch or in the ledger.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from contracts.commands import AddSeats, BookingCommand, BookSeats, Command, StartPayment, Tick
from contracts.outcomes import Status
from worker.deciding import EXPIRIES_PER_TICK, Request, State
from worker.entries import Entry
from worker.ledger import Ledger, Move, Position
from worker.marks import mark_of
from worker.records import Due, Found, Wanted, Writes
from worker.rows import Verdict, writes_of
from worker.rules import Hall, Price, Seat, Unreadable, seats_of
from worker.seating import Focus

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
    """A message that is to be decided, with the log's time at it."""

    entry: Entry
    command: Command | Unreadable | Tick
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
        state = _state(found)
        verdicts.extend(_fold(timed, state))
        return writes_of(topic_id, dead_letters, verdicts, state, found)

    ledger.transact(topic_id, moves, _wanted(timed), decide_all)
    named = sum(not isinstance(each.command, Tick) and each.command.command_id is not None for each in timed)
    return Settled(
        messages=len(entries),
        positions=moved,
        verdicts=verdicts,
        repeated=named - sum(verdict.command.command_id is not None for verdict in verdicts),
        dead_letters=dead_letters,
    )


def _in_time(entries: Sequence[Entry], positions: Mapping[int, Position]) -> tuple[dict[int, Position], list[Timed]]:
    """Return where the partitions stand after ``entries``, and each message's log time: the running maximum."""
    moved: dict[int, Position] = {}
    last: dict[int, Entry] = {}
    timed: list[Timed] = []
    for entry in entries:
        before = moved.get(entry.partition) or positions[entry.partition]
        now_ms = max(before.log_time_ms, entry.stamp_ms)
        moved[entry.partition] = Position(entry.offset + 1, now_ms)
        last[entry.partition] = entry
        timed.append(Timed(entry, entry.command, now_ms))
    for partition, entry in last.items():
        mark = mark_of(entry.stamp_ms, entry.raw.value() if entry.raw is not None else None)
        moved[partition] = moved[partition]._replace(mark=mark)
    return moved, timed


def _wanted(timed: Sequence[Timed]) -> Wanted:
    ids: dict[str, None] = {}
    events: dict[str, None] = {}
    seats: dict[tuple[str, str], None] = {}
    blocks_of: dict[str, None] = {}
    for _entry, command, _time in timed:
        if isinstance(command, Tick):
            continue
        if command.command_id is not None:
            ids[command.command_id] = None
        if isinstance(command, Unreadable | BookingCommand):
            continue
        event_id = command.event_id
        events[event_id] = None
        if isinstance(command, BookSeats):
            for seat_id in command.seat_ids:
                seats[event_id, seat_id] = None
            continue
        blocks_of[event_id] = None
        if isinstance(command, AddSeats):
            for seat_id in seats_of(command):
                seats[event_id, seat_id] = None
    bookings, plans_of = _bookings_and_plans(timed)
    prices = bool(bookings) and any(isinstance(each.command, StartPayment) for each in timed)
    return Wanted(list(ids), list(events), list(seats), list(blocks_of), bookings, _due(timed), plans_of, prices)


def _bookings_and_plans(timed: Iterable[Timed]) -> tuple[list[str], list[str]]:
    """Return the bookings and offers that are named, and the events of which seats are to be chosen."""
    bookings: dict[str, None] = {}
    plans_of: dict[str, None] = {}
    for _entry, command, _time in timed:
        if isinstance(command, BookingCommand):
            bookings[command.booking_id] = None
        elif isinstance(command, BookSeats):
            if command.offer_id is not None:
                bookings[command.offer_id] = None
            if command.offer or command.best is not None:
                plans_of[command.event_id] = None
    return list(bookings), list(plans_of)


def _due(timed: Iterable[Timed]) -> list[Due]:
    """Return what the ticks may end: each the first so many, and each command may take one of them away before."""
    ticks: dict[int, tuple[int, int]] = {}
    about_bookings: Counter[int] = Counter()
    for entry, command, now_ms in timed:
        if isinstance(command, Tick):
            ticks[entry.partition] = now_ms, ticks.get(entry.partition, (0, 0))[1] + 1
        elif isinstance(command, BookingCommand) or (isinstance(command, BookSeats) and command.offer_id is not None):
            about_bookings[entry.partition] += 1
    return [
        Due(partition, now_ms, EXPIRIES_PER_TICK * count + about_bookings[partition])
        for partition, (now_ms, count) in ticks.items()
    ]


def _state(found: Found) -> State:
    state = State()
    state.decided.update(found.decided)
    halls = state.halls
    for event_id, (status, version, hold_seconds, *focus) in found.events.items():
        halls[event_id] = Hall(status, version, hold_seconds, Focus(*focus))
    for event_id, plans in found.plans.items():
        halls[event_id].plan.update((plan.block.block, plan) for plan in plans)
    for event_id, block in found.blocks:
        halls[event_id].blocks.add(block)
    for row in found.seats:
        hall = halls.get(row.event_id)
        if hall is None:  # only its seats are asked for, by the bookings that have them
            hall = halls[row.event_id] = Hall()
        hall.seats[row.seat_id] = Seat(row.block, row.position, row.status, row.version, row.booking_id)
    for event_id, block, minor, currency in found.prices:
        halls.setdefault(event_id, Hall()).prices[block] = Price(minor, currency)
    for booking in found.bookings.values():
        state.know(booking)
    for booking_id, partition, event_id, principal, seat_ids, status in found.requests:
        state.requests[booking_id] = Request(partition, event_id, principal, tuple(seat_ids), Status(status))
    return state


def _fold(timed: Iterable[Timed], state: State) -> Iterable[Verdict]:
    """Decide in offset order."""
    for entry, command, log_time_ms in timed:
        if isinstance(command, Tick):
            for expiry, ended in state.tick(entry.partition, log_time_ms):
                yield Verdict(entry, expiry, log_time_ms, ended)
            continue
        try:
            decision = state.decide(command, entry.partition, log_time_ms)
        except Exception as error:
            raise PoisonError(entry) from error
        if decision is not None:
            for effect, other in decision.effects:
                yield Verdict(entry, effect, log_time_ms, other)
            yield Verdict(entry, command, log_time_ms, decision)
