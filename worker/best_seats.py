"""Best seats: which free seats a wish for "the best" gets, as a pure function of a hall's seating.

``worker.rules`` enters here, and with it ``audit``'s replay, so nothing here may do I/O, read a clock, throw dice, use
floating point or depend on the order of a set: the same log gives the same seats (docs/decisions/0011-best-seats.md).

**The score.** Every candidate has one, a tuple of which the lowest wins; an earlier field outweighs all later ones.

1. ``parts``: seats together in one row are one part. Splits are looked at only where no row has the seats together.
2. ``orphans``: free seats that would lose their last free neighbour in the row.
3. ``spent``: 1 where an accessible seat would go to somebody who did not ask for one.
4. ``spread``: how far the other parts are from the first one taken; 0 when together.
5. ``distance``: from the focal point, a part by its middle.
6. ``pieces``: the position itself, front row first, so that there is never a tie.

``spread`` and ``distance`` are sums of squares, a part counting once a seat, in half seats; a row is two seats deep.

**Prices.** All seats of a choice cost the same: a row of several prices counts as so many rows (``worker.seating``).

**Splits** stay in one section, at one price, in rows one behind the other without a gap. A split grows: it begins in a
row with the longest part that is of use, and goes on with the longest in the rows that it has parts in or next to them;
of equally long ones with the lowest score from ``orphans`` on, nearest to the first. Every row begins one, the lowest
score wins. So there is always one where adjacent rows have enough, and of two parts wherever two are enough.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from worker import neighbours
from worker.neighbours import ROW_DEPTH, Piece, Point, alone, distance, middle, place
from worker.seating import Ranking, Row, Seating, Zone


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for: ``count`` from 1 to ``MAX_SEATS_PER_BOOKING``, ``max_price`` in minor units a seat."""

    count: int
    section: str | None = None
    max_price: int | None = None
    accessible: bool = False


class Score(NamedTuple):
    """As the module's first lines say; ``pieces`` in order of position."""

    parts: int
    orphans: int
    spent: int
    spread: int
    distance: int
    pieces: tuple[Piece, ...]


class Choice(NamedTuple):
    """Free seats in order of position; ``places``: their blocks and positions there.

    ``score`` is None for places without numbers.
    """

    seat_ids: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    score: Score | None


class _Offer(NamedTuple):
    """One part that a split may go on with, the lowest first. ``at``: the row's place in its zone."""

    shortness: int
    orphans: int
    spent: int
    away: int
    piece: Piece
    at: int


_NOTHING: Final = Score(1_000_000, 0, 0, 0, 0, ())
"""The score of no seats at all: higher than any other."""


def choose(seating: Seating, wish: Wish) -> Choice | None:
    """Return the best free seats for ``wish``, or None when there are not enough.

    Places without numbers are taken from the first free one on, and only by whoever names their section, or where there
    is nothing else: who asks for the best seats does not want to stand.
    """
    zones = [zone for zone in seating.zones if zone.free >= wish.count and _suits(zone, wish)]
    numbered = [zone for zone in zones if not zone.general_admission]
    for split in (False, True):
        score = min((_lowest(seating, zone, wish, split=split) for zone in numbered), default=_NOTHING)
        if score.pieces:
            return _chosen(seating, score)
    if wish.section is None and seating.has_numbered:
        return None
    standing = (_first_free(zone, wish) for zone in zones if zone.general_admission)
    return next((choice for choice in standing if choice is not None), None)


def equivalent(seating: Seating, places: Sequence[tuple[int, int]]) -> Choice | None:
    """Return free seats as good as the ones at ``places`` (block, position), or None when there are none.

    As good is: as many, together in one row, for no more money altogether, accessible if all of those are. The best has
    the lowest score with the middle of those as focal point. Nothing is as good as a place without number.
    """
    asked = [seating.find(block, position) for block, position in places]
    zones = [seating.zone_of(row) for row, _place in asked]
    if any(zone.general_admission for zone in zones):
        return None
    count = len(asked)
    money = sum(zone.price_minor for zone in zones)
    accessible = all(row.accessible >> place & 1 for row, place in asked)
    near = Point(
        sum(row.depth for row, _place in asked) // count,
        sum(2 * place + 1 - len(row.seat_ids) for row, place in asked) // count,
    )
    best = _NOTHING
    for row in sorted(_affordable(seating, count, money), key=lambda row: abs(row.depth - near.depth)):
        # Rows only get farther: the search ends when nothing but the distance could be better, and that no more.
        if best[:3] == (1, 0, 0) and count * (ROW_DEPTH * (row.depth - near.depth)) ** 2 > best.distance:
            break
        best = min(best, _together(row, count, near, accessible=accessible))
    return _chosen(seating, best) if best.pieces else None


def _affordable(seating: Seating, count: int, money: int) -> Iterator[Row]:
    for zone in seating.zones:
        if not zone.general_admission and zone.price_minor * count <= money:
            yield from (row for row in zone.rows if row.free)


def _suits(zone: Zone, wish: Wish) -> bool:
    return wish.section in (None, zone.section) and (wish.max_price is None or zone.price_minor <= wish.max_price)


def _lowest(seating: Seating, zone: Zone, wish: Wish, *, split: bool) -> Score:
    """Return the lowest score in ``zone``, from a ranking that is made once and kept up to date from then on."""
    key = (wish.count, wish.accessible, split)
    ranking: Ranking[Score] | None = zone.rankings.get(key)
    if ranking is None:
        rows, count, accessible = zone.rows, wish.count, wish.accessible
        near = Point(seating.focus.row, 2 * seating.focus.offset)
        if split:
            # Every part takes a seat at least, so a split gets count - 1 rows away from where it begins.
            ranking = Ranking(len(rows), count - 1, lambda row: _split(rows, row, count, near, accessible=accessible))
        else:
            ranking = Ranking(len(rows), 0, lambda row: _together(rows[row], count, near, accessible=accessible))
        zone.rankings[key] = ranking
    return ranking.lowest()


def _together(row: Row, size: int, near: Point, *, accessible: bool) -> Score:
    """Return the best block of ``size`` seats in ``row``."""
    found = place(row, row.free, size, near.x, accessible=accessible)
    if found is None:
        return _NOTHING
    orphans, spent, start = found
    piece = Piece(row.index, start, size)
    return Score(1, orphans, spent, 0, distance(row, piece, near), (piece,))


def _split(rows: Sequence[Row], begin: int, count: int, near: Point, *, accessible: bool) -> Score:
    """Return the split that begins in ``rows[begin]``."""
    left: dict[int, int] = {}
    """What is free in the rows that it has parts in."""
    offers: dict[int, _Offer | None] = {}
    """The longest part that each row in question has, as far as it is known."""
    parts: list[_Offer] = []
    reachable = range(begin, begin + 1)
    anchor, need = near, count
    while need:
        for index in reachable:
            known = offers.get(index)
            if index not in offers or (known is not None and known.piece.size > need):
                free = left.get(index, rows[index].free)
                offers[index] = _longest(rows[index], index, free, need, anchor, accessible=accessible)
        taken = min((offer for offer in offers.values() if offer is not None), default=None)
        if taken is None:
            return _NOTHING
        parts.append(taken)
        piece, index = taken.piece, taken.at
        left[index] = left.get(index, rows[index].free) & ~(((1 << piece.size) - 1) << piece.start)
        need -= piece.size
        if len(parts) == 1:
            anchor = Point(rows[index].depth, middle(rows[index], piece))
        del offers[index]
        reachable = range(max(0, min(left) - 1), min(len(rows), max(left) + 2))
    return Score(
        len(parts),
        sum((alone(free) & ~alone(rows[index].free)).bit_count() for index, free in left.items()),
        max(part.spent for part in parts),
        sum(part.away for part in parts[1:]),
        sum(distance(rows[part.at], part.piece, near) for part in parts),
        tuple(sorted(part.piece for part in parts)),
    )


def _longest(row: Row, index: int, free: int, need: int, anchor: Point, *, accessible: bool) -> _Offer | None:
    """Return the longest part of at most ``need`` seats in ``row``."""
    size, starts = 0, free & row.accessible if accessible else free
    while starts and size < need:
        starts &= starts >> 1
        size += 1
    found = place(row, free, size, anchor.x, accessible=accessible) if size else None
    if found is None:
        return None
    orphans, spent, start = found
    piece = Piece(row.index, start, size)
    return _Offer(-size, orphans, spent, distance(row, piece, anchor), piece, index)


def _chosen(seating: Seating, score: Score) -> Choice:
    rows = [(seating.rows[piece.row], piece) for piece in score.pieces]
    places = [(row, place) for row, piece in rows for place in range(piece.start, piece.start + piece.size)]
    return Choice(*_named(places), score)


def _first_free(zone: Zone, wish: Wish) -> Choice | None:
    """Return the first free places of ``zone``."""
    places: list[tuple[Row, int]] = []
    for row in zone.rows:
        free = row.free & row.accessible if wish.accessible else row.free
        while free and len(places) < wish.count:
            places.append((row, neighbours.lowest(free)))
            free &= free - 1
    return Choice(*_named(places), None) if len(places) == wish.count else None


def _named(places: Sequence[tuple[Row, int]]) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    seat_ids = tuple(row.seat_ids[place] for row, place in places)
    return seat_ids, tuple((row.block, row.first + place) for row, place in places)
