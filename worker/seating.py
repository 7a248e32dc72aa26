"""Seating: a hall as rows of free seats, kept up to date seat by seat, so that the best ones are found quickly.

``worker.rules`` builds one for an event that somebody wants the best seats of, marks what is taken and given back, and
asks ``worker.best_seats``. Pure: no I/O, clock or dice. What it remembers to be quick (``Ranking``) must never show: a
seating marked a thousand times answers like one built anew (``test_a_marked_seating_answers_like_one_built_anew``).

A row's free seats are the bits of one integer, bit 0 the first seat: all places of a row are judged by a few shifts.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NamedTuple, TypeVar

from contracts.seat_status import AVAILABLE, BOOKED, HELD

ScoreT = TypeVar("ScoreT", bound=tuple[Any, ...])

_FREE_AS_BITS: Final = str.maketrans({AVAILABLE: "1", HELD: "0", BOOKED: "0"})


class Focus(NamedTuple):
    """Where everybody wants to sit: ``row`` from the hall's front, ``offset`` in seats right of the row's middle."""

    row: int = 0
    offset: int = 0


FRONT_CENTRE: Final = Focus()


class Block(NamedTuple):
    """One block as ``AddSeats`` has it. ``status``: a character of ``contracts.seat_status`` a seat, in map order."""

    block: int
    section: str
    rows: Sequence[Sequence[str]]
    status: str
    price_minor: int | None = None
    accessible: frozenset[str] = frozenset()
    general_admission: bool = False


@dataclass(slots=True, eq=False)
class Row:
    """One row. ``depth``: rows from the hall's front; ``first``: its first seat's position in its block."""

    index: int
    depth: int
    block: int
    first: int
    seat_ids: Sequence[str]
    free: int
    accessible: int


class Ranking(Generic[ScoreT]):
    """The lowest score of a zone's rows for one kind of wish: a tournament, in which only stale rows play again.

    ``judge`` gives the score of the row at a place in the zone, which depends on rows at most ``reach`` away from it.
    """

    def __init__(self, rows: int, reach: int, judge: Callable[[int], ScoreT]) -> None:
        self._rows = rows
        self._reach = reach
        self._judge = judge
        self._stale: set[int] = set()
        # The rows' scores stand from node ``rows`` on; node n has the lower of nodes 2n and 2n + 1, so node 1 of all.
        scores = [judge(row) for row in range(rows)]
        self._nodes = [*scores, *scores]
        for node in range(rows - 1, 0, -1):
            self._play(node)

    def outdate(self, row: int) -> None:
        """Remember that seats of ``row`` changed."""
        self._stale.update(range(max(0, row - self._reach), min(self._rows, row + self._reach + 1)))

    def lowest(self) -> ScoreT:
        """Return the lowest score of all rows as they are now."""
        for row in self._stale:
            node = row + self._rows
            self._nodes[node] = self._judge(row)
            while node > 1:
                node //= 2
                self._play(node)
        self._stale.clear()
        return self._nodes[1]

    def _play(self, node: int) -> None:
        self._nodes[node] = min(self._nodes[2 * node], self._nodes[2 * node + 1])


@dataclass(slots=True, eq=False)
class Zone:
    """Rows one behind the other, of one section and one price.

    ``rankings`` is ``worker.best_seats``' own. Bound: one a kind of wish, so 40 (count 1 to 10, accessible or not,
    together or split).
    """

    section: str
    price_minor: int
    general_admission: bool
    rows: list[Row] = field(default_factory=list)
    free: int = 0
    rankings: dict[tuple[int, bool, bool], Ranking[Any]] = field(default_factory=dict)


class Seating:
    """An event's blocks, in order from the front. Immutable but for which seats are free."""

    def __init__(self, blocks: Iterable[Block], focus: Focus = FRONT_CENTRE) -> None:
        self.focus = focus
        self.rows: list[Row] = []
        self.zones: list[Zone] = []
        self._zone_of_row: list[Zone] = []
        self._firsts: dict[int, tuple[list[int], int]] = {}
        depth = 0
        for block in sorted(blocks, key=lambda block: block.block):
            zone = self._zone_for(block)
            firsts: list[int] = []
            self._firsts[block.block] = firsts, len(self.rows)
            first = 0
            for seat_ids in block.rows:
                row = _row(block, len(self.rows), depth, first, seat_ids)
                self.rows.append(row)
                self._zone_of_row.append(zone)
                zone.rows.append(row)
                zone.free += row.free.bit_count()
                firsts.append(first)
                first += len(seat_ids)
                depth += not block.general_admission
        self.has_numbered = any(not zone.general_admission for zone in self.zones)

    def mark(self, block: int, position: int, *, free: bool) -> None:
        """Say whether the seat at ``position`` of ``block`` is free now; saying it twice is harmless."""
        row, place = self.find(block, position)
        if bool(row.free >> place & 1) == free:
            return
        row.free ^= 1 << place
        zone = self.zone_of(row)
        zone.free += 1 if free else -1
        for ranking in zone.rankings.values():
            ranking.outdate(row.index - zone.rows[0].index)

    def find(self, block: int, position: int) -> tuple[Row, int]:
        """Return a seat's row and its place in it."""
        firsts, index = self._firsts[block]
        within = bisect_right(firsts, position) - 1
        return self.rows[index + within], position - firsts[within]

    def zone_of(self, row: Row) -> Zone:
        """Return the zone that ``row`` stands in."""
        return self._zone_of_row[row.index]

    def _zone_for(self, block: Block) -> Zone:
        """Return the zone that ``block`` goes on with, or a new one."""
        price_minor = block.price_minor or 0
        kind = (block.section, price_minor, block.general_admission)
        if self.zones:
            last = self.zones[-1]
            if (last.section, last.price_minor, last.general_admission) == kind:
                return last
        self.zones.append(Zone(*kind))
        return self.zones[-1]


def _row(block: Block, index: int, depth: int, first: int, seat_ids: Sequence[str]) -> Row:
    status = block.status[first : first + len(seat_ids)]
    accessible = 0
    if block.accessible:
        accessible = sum(1 << place for place, seat_id in enumerate(seat_ids) if seat_id in block.accessible)
    free = int(status[::-1].translate(_FREE_AS_BITS), 2)
    return Row(index, depth, block.block, first, seat_ids, free, accessible)
