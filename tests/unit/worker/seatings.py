"""Small halls for Hypothesis, and the rule for the best seats once more: slowly, on lists, by trying everything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import strategies as st

from contracts.seat_status import AVAILABLE, BOOKED, HELD
from worker.best_seats import Wish
from worker.neighbours import ROW_DEPTH
from worker.seating import FRONT_CENTRE, Block, Focus, Seating

Place = tuple[int, int]


@dataclass(frozen=True)
class Hall:
    """What a seating is built from."""

    blocks: tuple[Block, ...]
    focus: Focus = FRONT_CENTRE

    def seating(self) -> Seating:
        return Seating(self.blocks, self.focus)

    def with_status(self, changes: dict[Place, str]) -> "Hall":
        blocks = []
        for block in self.blocks:
            status = "".join(changes.get((block.block, place), was) for place, was in enumerate(block.status))
            blocks.append(block._replace(status=status))
        return replace(self, blocks=tuple(blocks))


@dataclass(frozen=True)
class PlainRow:
    """One numbered row as the oracle sees it; ``zone`` is the same for rows that a split may join."""

    zone: int
    section: str
    price: int
    depth: int
    places: tuple[Place, ...]
    free: tuple[bool, ...]
    accessible: tuple[bool, ...]

    def allows(self, place: int, wish: Wish) -> bool:
        return self.free[place] and (self.accessible[place] or not wish.accessible)


def block_of(widths: Sequence[int], status: str, number: int = 0, section: str = "stalls", price: int = 0) -> Block:
    rows = [[f"{number}-{row}-{seat}" for seat in range(width)] for row, width in enumerate(widths)]
    return Block(number, section, rows, status, price)


def full_hall(rows: int, width: int) -> Hall:
    return Hall((block_of([width] * rows, AVAILABLE * rows * width),))


@st.composite
def halls(draw: st.DrawFn) -> Hall:
    """Draw a hall of up to three blocks in up to two sections, most of it taken or most of it free."""
    statuses = draw(st.sampled_from([AVAILABLE * 4 + HELD + BOOKED, AVAILABLE + BOOKED, AVAILABLE + BOOKED * 2]))
    blocks = []
    for number in range(draw(st.integers(1, 3))):
        widths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
        seats = sum(widths)
        status = "".join(draw(st.lists(st.sampled_from(statuses), min_size=seats, max_size=seats)))
        section, price = draw(st.sampled_from([("stalls", 50), ("stalls", 30), ("balcony", 30)]))
        block = block_of(widths, status, number, section, price)
        ids = [seat_id for row in block.rows for seat_id in row]
        accessible = draw(st.just(frozenset[str]()) | st.frozensets(st.sampled_from(ids)))
        blocks.append(block._replace(accessible=accessible))
    return Hall(tuple(blocks), Focus(draw(st.integers(0, 4)), draw(st.integers(-3, 3))))


wishes = st.builds(
    Wish,
    count=st.integers(1, 10),
    section=st.none() | st.sampled_from(["stalls", "balcony", "nowhere"]),
    max_price=st.none() | st.sampled_from([20, 30, 50]),
    accessible=st.booleans(),
)


def rows_of(hall: Hall) -> list[PlainRow]:
    rows: list[PlainRow] = []
    zone = 0
    for before, block in pairwise((None, *hall.blocks)):
        assert block is not None
        if before is None or (before.section, before.price_minor) != (block.section, block.price_minor):
            zone += 1
        first = 0
        for seat_ids in block.rows:
            places = tuple((block.block, first + seat) for seat in range(len(seat_ids)))
            free = tuple(block.status[place] == AVAILABLE for _block, place in places)
            accessible = tuple(seat_id in block.accessible for seat_id in seat_ids)
            price = block.price_minor or 0
            rows.append(PlainRow(zone, block.section, price, len(rows), places, free, accessible))
            first += len(seat_ids)
    return rows


def allowed(rows: Sequence[PlainRow], wish: Wish) -> list[PlainRow]:
    return [
        row
        for row in rows
        if wish.section in (None, row.section) and (wish.max_price is None or row.price <= wish.max_price)
    ]


def orphans_by(row: PlainRow, taken: set[int]) -> int:
    """Count the seats that are free and alone once ``taken`` are taken, and were not alone before."""

    def alone(free: Sequence[bool], seat: int) -> bool:
        return free[seat] and not any(0 <= other < len(free) and free[other] for other in (seat - 1, seat + 1))

    after = [free and seat not in taken for seat, free in enumerate(row.free)]
    return sum(alone(after, seat) and not alone(row.free, seat) for seat in range(len(after)))


def blocks_together(
    rows: Sequence[PlainRow], wish: Wish, depth: int, x: int
) -> Iterator[tuple[int, int, int, tuple[Place, ...]]]:
    """Yield orphans, spent, distance and places of every block of seats together that the wish allows."""
    for row in allowed(rows, wish):
        for start in range(len(row.free) - wish.count + 1):
            seats = range(start, start + wish.count)
            if all(row.allows(seat, wish) for seat in seats):
                spent = int(not wish.accessible and any(row.accessible[seat] for seat in seats))
                middle = 2 * start + wish.count - len(row.free)
                distance = wish.count * ((ROW_DEPTH * (row.depth - depth)) ** 2 + (middle - x) ** 2)
                yield orphans_by(row, set(seats)), spent, distance, tuple(row.places[seat] for seat in seats)


def chains(rows: Sequence[PlainRow], wish: Wish) -> list[int]:
    """Return how many seats each chain of adjacent rows, of one section and price, has for the wish."""
    counts: list[int] = []
    before: PlainRow | None = None
    for row in allowed(rows, wish):
        here = sum(row.allows(seat, wish) for seat in range(len(row.free)))
        joined = before is not None and before.zone == row.zone and before.depth == row.depth - 1
        if not joined or not counts[-1] or not here:
            counts.append(0)
        counts[-1] += here
        before = row
    return counts


def longest_two(rows: Sequence[PlainRow], wish: Wish) -> int:
    """Return how many seats the two longest runs have that are in one row or in adjacent ones."""
    best = 0
    before: tuple[PlainRow, list[int]] | None = None
    for row in allowed(rows, wish):
        flags = "".join("x" if row.allows(seat, wish) else " " for seat in range(len(row.free)))
        runs = [len(run) for run in flags.split()]
        near = list(runs)
        if before is not None and before[0].zone == row.zone and before[0].depth == row.depth - 1:
            near += before[1]
        best = max(best, sum(sorted(near)[-2:]))
        before = row, runs
    return best
