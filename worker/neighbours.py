"""Neighbours: where in one row so many free seats stand together, by shifts of the row's bits. Pure.

``worker.best_seats`` enters here; what is best is its business, how to find it in a row is ours. Lengths across are in
half seats from the middle of the row, so that every middle of a part is a whole number.
"""

from typing import Final, NamedTuple

from worker.seating import Row

ROW_DEPTH: Final = 4
"""How deep a row is, in half seats: rows stand about 90 cm apart, seats about 50 cm."""


class Piece(NamedTuple):
    """``size`` neighbours from place ``start`` on in the hall's ``row``."""

    row: int
    start: int
    size: int


class Point(NamedTuple):
    """``depth``: rows from the hall's front; ``x``: half seats right of the row's middle."""

    depth: int
    x: int


def place(row: Row, free: int, size: int, x: int, *, accessible: bool) -> tuple[int, int, int] | None:
    """Return orphans, spent and start of the best ``size`` neighbours among ``free``, or None where there are none.

    The fewest orphans first, then no accessible seat for whoever does not want one, then nearest to ``x``.
    """
    starts = _starts(free & row.accessible if accessible else free, size)
    if not starts:
        return None
    alone_before = (free << 1) & ~(free << 2)
    alone_behind = (free >> size) & ~(free >> size + 1)
    orphans, fitting = 0, starts & ~(alone_before | alone_behind)
    if not fitting:
        orphans, fitting = 1, starts & ~(alone_before & alone_behind)
    if not fitting:
        orphans, fitting = 2, starts
    spent = 0
    if row.accessible and not accessible:
        saving = fitting & _starts(free & ~row.accessible, size)
        fitting, spent = (saving, 0) if saving else (fitting, 1)
    return orphans, spent, _nearest(fitting, x + len(row.seat_ids) - size)


def _starts(free: int, size: int) -> int:
    """Return, as bits, where ``size`` neighbours begin."""
    length = 1
    while length < size:
        step = min(length, size - length)
        free &= free >> step
        length += step
    return free


def _nearest(bits: int, doubled: int) -> int:
    """Return the bit nearest to ``doubled`` / 2, of two the lower; ``bits`` is not 0."""
    border = min(max(0, doubled // 2 + 1), bits.bit_length())
    below = bits & ((1 << border) - 1)
    above = bits >> border
    low = below.bit_length() - 1
    high = border + lowest(above)
    if not above or (below and doubled - 2 * low <= 2 * high - doubled):
        return low
    return high


def lowest(bits: int) -> int:
    """Return the lowest bit that is set; ``bits`` is not 0."""
    return (bits & -bits).bit_length() - 1


def alone(free: int) -> int:
    """Return the bits that have no neighbour."""
    return free & ~(free << 1) & ~(free >> 1)


def middle(row: Row, piece: Piece) -> int:
    """Return where the middle of ``piece`` is, in half seats right of the row's."""
    return 2 * piece.start + piece.size - len(row.seat_ids)


def distance(row: Row, piece: Piece, point: Point) -> int:
    """Return the squared distance of the middle of ``piece`` from ``point``, once a seat."""
    return piece.size * ((ROW_DEPTH * (row.depth - point.depth)) ** 2 + (middle(row, piece) - point.x) ** 2)
