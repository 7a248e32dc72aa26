"""Turns: each partition's messages are taken in its order, in bounded batches, and no hall holds up others."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from contracts.commands import MAX_SEATS_PER_BLOCK, Command, Tick
from tests.unit.worker.logs import add, book
from worker.entries import Entry
from worker.turns import MOST_NEW_SEATS, MOST_TICKS, Turns

MOST = 2_000


@dataclass(frozen=True)
class Lying:
    """A message, with the number of seats that it adds; 0: a booking, -1: a tick."""

    at: int
    place: int
    seats: int = 0

    def partition(self) -> int:
        return self.at

    def offset(self) -> int:
        return self.place


def entry(message: Lying) -> Entry:
    command: Command | Tick = Tick()
    if message.seats > 0:
        command = add(seat_ids=tuple(f"A{number}" for number in range(message.seats)))
    elif message.seats == 0:
        command = book(message.place, "A1")
    return Entry(message.at, message.place, 0, command)


def batches(messages: Sequence[Lying], most: int = MOST, *, ahead: int = 0) -> list[list[Entry]]:
    turns: Turns[Lying] = Turns(entry)
    turns.add(messages)
    taken = []
    while batch := turns.take(most):
        taken.append(batch)
        turns.read_ahead(ahead)
    assert not turns
    return taken


MESSAGES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([0, 0, -1, 1, 600, MAX_SEATS_PER_BLOCK])), max_size=40
).map(lambda drawn: [Lying(at, place, seats) for place, (at, seats) in enumerate(drawn)])


@given(MESSAGES, st.integers(1, 10))
def test_every_message_is_taken_once_and_in_its_partition_s_order(messages: list[Lying], most: int) -> None:
    taken = [entry for batch in batches(messages, most) for entry in batch]
    for partition in range(3):
        order = [entry.offset for entry in taken if entry.partition == partition]
        assert order == [message.place for message in messages if message.at == partition]


@given(MESSAGES, st.integers(1, 10))
def test_a_batch_has_a_bounded_weight(messages: list[Lying], most: int) -> None:
    seats = {(message.at, message.place): max(message.seats, 0) for message in messages}
    for batch in batches(messages, most):
        assert len(batch) <= most
        assert sum(seats[entry.partition, entry.offset] for entry in batch) <= MOST_NEW_SEATS


@given(MESSAGES, st.integers(1, 10), st.integers(1, 20))
def test_what_is_read_ahead_changes_no_batch(messages: list[Lying], most: int, ahead: int) -> None:
    assert batches(messages, most, ahead=ahead) == batches(messages, most)


def test_bookings_and_a_few_ticks_are_one_batch_however_many_they_are() -> None:
    few = range(0, MOST, MOST // MOST_TICKS)
    (batch,) = batches([Lying(0, offset, -1 if offset in few else 0) for offset in range(MOST)])
    assert len(batch) == MOST


def test_a_backlog_of_ticks_is_cut() -> None:
    assert [len(batch) for batch in batches([Lying(0, offset, -1) for offset in range(2 * MOST_TICKS + 1)])] == [
        MOST_TICKS,
        MOST_TICKS,
        1,
    ]


def test_a_booking_does_not_wait_for_another_partition_s_hall() -> None:
    turns: Turns[Lying] = Turns(entry)
    turns.add([Lying(0, offset, MAX_SEATS_PER_BLOCK) for offset in range(100)])
    assert len(turns.take(MOST)) == 2
    turns.add([Lying(1, 7)])
    assert [(each.partition, each.offset) for each in turns.take(MOST)][-1] == (1, 7)


def test_two_halls_take_turns() -> None:
    both = [Lying(at, offset, MAX_SEATS_PER_BLOCK) for at in (0, 1) for offset in range(4)]
    assert [{entry.partition for entry in batch} for batch in batches(both)] == [{0}, {1}, {0}, {1}]


def test_a_hall_is_read_as_it_is_taken_and_not_at_once() -> None:
    read: list[int] = []

    def note(message: Lying) -> Entry:
        read.append(message.place)
        return entry(message)

    turns: Turns[Lying] = Turns(note)
    turns.add([Lying(0, offset, MAX_SEATS_PER_BLOCK) for offset in range(100)])
    turns.take(MOST)
    assert read == [0, 1, 2]
    turns.take(MOST)
    assert read == [0, 1, 2, 3, 4], "what was too large for its turn is not read again"


def test_bookings_are_read_ahead_up_to_a_bound_and_a_hall_is_the_last() -> None:
    read: list[tuple[int, int]] = []

    def note(message: Lying) -> Entry:
        read.append((message.at, message.place))
        return entry(message)

    turns: Turns[Lying] = Turns(note)
    turns.add([Lying(0, 0), Lying(0, 1, MAX_SEATS_PER_BLOCK), Lying(0, 2)])
    turns.add([Lying(1, 0), Lying(1, 1, -1), *(Lying(1, offset) for offset in range(2, 10))])
    turns.read_ahead(6)
    assert read == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (1, 3)]
    turns.read_ahead(6)
    turns.take(MOST)
    assert sorted(read) == sorted({*read}), "nothing is read twice"


def test_a_partition_that_begins_anew_forgets_what_waited() -> None:
    turns: Turns[Lying] = Turns(entry)
    turns.add([Lying(0, offset) for offset in range(10, 20)])
    turns.read_ahead(5)
    turns.add([Lying(0, offset) for offset in range(12, 14)])
    assert [each.offset for each in turns.take(MOST)] == [12, 13]
