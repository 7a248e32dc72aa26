"""Cutting: what was gathered becomes batches that add a bounded number of seats, in its order."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from contracts.commands import MAX_SEATS_PER_BLOCK, Tick
from tests.unit.worker.logs import add, book
from worker.batch import MOST_NEW_SEATS, MOST_TICKS, cut
from worker.entries import Entry


def block(offset: int, seats: int) -> Entry:
    return Entry(0, offset, 0, add(seat_ids=tuple(f"A{number}" for number in range(seats))))


@given(st.lists(st.integers(0, MAX_SEATS_PER_BLOCK), max_size=20))
def test_every_entry_is_in_one_batch_and_in_its_order(sizes: list[int]) -> None:
    entries = [block(n, seats) if seats else Entry(0, n, 0, book(n, "A1")) for n, seats in enumerate(sizes)]
    batches = list(cut(entries))
    assert [entry for batch in batches for entry in batch] == entries
    assert all(batches)
    offsets = [{entry.offset for entry in batch} for batch in batches]
    assert max((sum(sizes[offset] for offset in batch) for batch in offsets), default=0) <= MOST_NEW_SEATS


def test_bookings_and_a_few_ticks_are_one_batch_however_many_they_are() -> None:
    few = range(0, 3_000, 3_000 // MOST_TICKS)
    entries = [Entry(0, offset, 0, Tick() if offset in few else book(offset, "A1")) for offset in range(3_000)]
    assert list(cut(entries)) == [entries]


def test_a_backlog_of_ticks_is_cut() -> None:
    entries = [Entry(0, offset, 0, Tick()) for offset in range(2 * MOST_TICKS + 1)]
    assert [len(batch) for batch in cut(entries)] == [MOST_TICKS, MOST_TICKS, 1]


def test_a_hall_is_read_as_it_is_settled_and_not_at_once() -> None:
    taken = []

    def blocks() -> Iterator[Entry]:
        for offset in range(100):
            taken.append(offset)
            yield block(offset, MAX_SEATS_PER_BLOCK)

    next(cut(blocks()))
    assert taken == [0, 1, 2]
