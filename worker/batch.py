"""A batch: entries of several partitions, decided in offset order and written in one transaction.

Pure but for the ledger that it is given. Nothing here may depend on where a batch was cut: what a later entry sees is
what the earlier ones left, in the same batch or in the ledger.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.commands import Tick
from contracts.outcomes import Status
from worker.asking import Questions, Timed
from worker.deciding import Request, State
from worker.decisions import Unreadable
from worker.entries import Entry
from worker.hall import Hall, Seat
from worker.ledger import Ledger, Move, Position, nothing
from worker.marks import mark_of
from worker.records import EventRow, Found, Writes
from worker.rows import Verdict, writes_of
from worker.seating import Focus


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


class GapError(Exception):
    """The entries of ``partition`` begin after the offset that is to be decided next: those between would be lost."""

    def __init__(self, partition: int, offset: int, expected: int) -> None:
        super().__init__(f"partition {partition} has offset {offset}, and {expected} is to be decided next")
        self.partition = partition


def settle(
    ledger: Ledger,
    topic_id: str,
    entries: Sequence[Entry],
    positions: Mapping[int, Position],
    meanwhile: Callable[[], None] = nothing,
) -> Settled:
    """Decide ``entries``, which continue ``positions``, and commit; ``meanwhile``: see ``Ledger.transact``.

    Raises:
        GapError: they do not continue them. Nothing was asked or changed.
        PoisonError: see there; and what ``Ledger.transact`` raises.
    """
    moved, timed = _in_time(entries, positions)
    moves = [Move(partition, positions[partition].next_offset, *position) for partition, position in moved.items()]
    dead_letters = [each.entry for each in timed if isinstance(each.command, Unreadable)]
    verdicts: list[Verdict] = []

    def decide_all(found: Found) -> Writes:
        state = _state(found)
        verdicts.extend(_fold(timed, state))
        return writes_of(topic_id, dead_letters, verdicts, state, found)

    ledger.transact(topic_id, moves, Questions(timed), decide_all, meanwhile)
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
    last: dict[int, Timed] = {}
    timed: list[Timed] = []
    for entry in entries:
        before = last.get(entry.partition)
        if before is None:
            expected, now_ms, _mark = positions[entry.partition]
        else:
            expected, now_ms = before.entry.offset + 1, before.log_time_ms
        # The compare-and-set knows where a partition stood, not what was read of it: a move over a gap would succeed
        # (test: ``test_what_waited_for_its_turn_does_not_outlive_a_ledger_that_was_set_back``).
        if entry.offset != expected:
            raise GapError(entry.partition, entry.offset, expected)
        each = last[entry.partition] = Timed(entry, entry.command, max(now_ms, entry.stamp_ms))
        timed.append(each)
    for partition, (entry, _command, now_ms) in last.items():
        mark = mark_of(entry.stamp_ms, entry.raw.value() if entry.raw is not None else None)
        moved[partition] = Position(entry.offset + 1, now_ms, mark)
    return moved, timed


def _state(found: Found) -> State:
    state = State()
    state.decided.update(found.decided)
    halls = state.halls
    halls.update((event_id, _hall(event)) for event_id, event in found.events.items())
    for event_id, plans in found.plans.items():
        halls[event_id].plan.update((plan.block.block, plan) for plan in plans)
    for event_id, block in found.blocks:
        halls[event_id].blocks.add(block)
    for row in found.seats:
        hall = halls.get(row.event_id)
        if hall is None:  # only its seats are asked for, by the bookings that have them
            hall = halls[row.event_id] = Hall()
        hall.seats[row.seat_id] = Seat(row.block, row.position, row.status, row.version, row.booking_id)
    for (event_id, block), prices in found.prices.items():
        halls.setdefault(event_id, Hall()).prices[block] = prices
    for booking in found.bookings.values():
        state.know(booking)
    for booking_id, partition, event_id, principal, seat_ids, status in found.requests:
        state.requests[booking_id] = Request(partition, event_id, principal, tuple(seat_ids), Status(status))
    for event_id, partition, _block in found.clearing:
        state.clear(event_id, partition)
    for (event_id, principal), seats in found.counts.items():
        halls[event_id].counts[principal] = seats
    return state


def _hall(event: EventRow) -> Hall:
    return Hall(
        event.status,
        event.version,
        event.hold_seconds,
        Focus(event.focal_row, event.focal_offset),
        event.organiser,
        event.max_seats_per_user,
        event.on_sale_at_ms,
        event.off_sale_at_ms,
        event.clearing,
    )


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
