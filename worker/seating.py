"""Seating: a hall as rows of free seats, kept up to date seat by seat, so that the best ones are found quickly.

``worker.rules`` builds one for an event that somebody wants the best seats of, marks what is taken and given back, and
asks ``worker.best_seats``. Pure: no I/O, clock or dice. What it remembers to be quick (``Ranking``) must never show: a
seating marked a thousand times answers like one built anew (``test_a_marked_seating_answers_like_one_built_anew``).

A row's free seats are the bits of one integer, bit 0 the first seat: all places of a row are judged by a few shifts. A
row whose seats are not all of one price is here once a price, each time with the seats of that price alone, so that
whoever has a price in mind gets seats of one.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from contracts.seat_status import AVAILABLE, BOOKED, HELD

ScoreT = TypeVar("ScoreT", bound=tuple[Any, ...])

_FREE_AS_BITS: Final = str.maketrans({AVAILABLE: "1", HELD: "0", BOOKED: "0"})


class Focus(NamedTuple):
    """Where everybody wants to sit: ``row`` from the hall's front, ``offset`` in seats right of the row's middle."""

    row: int = 0
    offset: int = 0


FRONT_CENTRE: Final = Focus()


_NO_PRICES: Final[Mapping[str, int]] = MappingProxyType({})


class Block(NamedTuple):
    """One block as ``AddSeats`` has it. ``status``: a character of ``contracts.seat_status`` a seat, in map order.

    ``prices``: those of seats that cost something else than ``price_minor``.
    """

    block: int
    section: str
    rows: Sequence[Sequence[str]]
    status: str
    price_minor: int | None = None
    accessible: frozenset[str] = frozenset()
    general_admission: bool = False
    prices: Mapping[str, int] = _NO_PRICES


@dataclass(slots=True, eq=False)
class Row:
    """One row, or its seats of one price.

    ``depth``: rows from the hall's front; ``first``: its first seat's position in its block; ``own``: which of
    ``seat_ids`` are meant, as bits; ``at``: its place in its zone.
    """

    index: int
    depth: int
    block: int
    first: int
    seat_ids: Sequence[str]
    own: int
    free: int
    accessible: int
    at: int = 0


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
        self._lines: dict[int, tuple[list[int], list[Sequence[Row]]]] = {}
        """A block's rows: where each begins, and itself, once a price."""
        self._open: dict[tuple[str, int, bool], tuple[int, Zone]] = {}
        """The zones by kind, with the last row that each has."""
        depth = number = 0
        for block in sorted(blocks, key=lambda block: block.block):
            firsts: list[int] = []
            lines: list[Sequence[Row]] = []
            self._lines[block.block] = firsts, lines
            first = 0
            for seat_ids in block.rows:
                firsts.append(first)
                lines.append(self._add(block, number, depth, first, seat_ids))
                first += len(seat_ids)
                number += 1
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
            ranking.outdate(row.at)

    def find(self, block: int, position: int) -> tuple[Row, int]:
        """Return a seat's row and its place in it."""
        firsts, lines = self._lines[block]
        within = bisect_right(firsts, position) - 1
        line, place = lines[within], position - firsts[within]
        if len(line) == 1:
            return line[0], place
        return next(row for row in line if row.own >> place & 1), place

    def zone_of(self, row: Row) -> Zone:
        """Return the zone that ``row`` stands in."""
        return self._zone_of_row[row.index]

    def _add(self, block: Block, number: int, depth: int, first: int, seat_ids: Sequence[str]) -> Sequence[Row]:
        """Add the hall's row ``number``, once for each price in it."""
        line = []
        for price_minor, own in _prices(block, seat_ids):
            row = _row(block, len(self.rows), depth, first, seat_ids, own)
            zone = self._zone_for((block.section, price_minor, block.general_admission), number)
            row.at = len(zone.rows)
            self.rows.append(row)
            self._zone_of_row.append(zone)
            zone.rows.append(row)
            zone.free += row.free.bit_count()
            line.append(row)
        return line

    def _zone_for(self, kind: tuple[str, int, bool], number: int) -> Zone:
        """Return the zone that row ``number`` goes on with, or a new one: there are no gaps between a zone's rows."""
        last, zone = self._open.get(kind, (-2, None))
        if zone is None or last < number - 1:
            zone = Zone(*kind)
            self.zones.append(zone)
        self._open[kind] = number, zone
        return zone


def _prices(block: Block, seat_ids: Sequence[str]) -> list[tuple[int, int]]:
    """Return the prices in a row, in order of their first seats, each with its seats as bits."""
    usual = block.price_minor or 0
    if not block.prices:
        return [(usual, (1 << len(seat_ids)) - 1)]
    prices: dict[int, int] = {}
    for place, seat_id in enumerate(seat_ids):
        price_minor = block.prices.get(seat_id, usual)
        prices[price_minor] = prices.get(price_minor, 0) | 1 << place
    return list(prices.items())


def _row(block: Block, index: int, depth: int, first: int, seat_ids: Sequence[str], own: int) -> Row:
    status = block.status[first : first + len(seat_ids)]
    accessible = 0
    if block.accessible:
        accessible = sum(1 << place for place, seat_id in enumerate(seat_ids) if seat_id in block.accessible)
    free = int(status[::-1].translate(_FREE_AS_BITS), 2) & own
    return Row(index, depth, block.block, first, seat_ids, own, free, accessible)
