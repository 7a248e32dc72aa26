"""Seat maps: seat ids in map order become rows that can be drawn and walked through. Pure.

``drawing`` and ``picker`` enter here. The API lists seats in map order, and ids say their row and number: all but
the last digits is the row. Seats without a number stand in a row of their own, one beside the other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, NamedTuple

_NUMBERED: Final = re.compile(r"(.*?)(\d{1,6})", re.ASCII)
WIDEST_GAP: Final = 3
"""A row is drawn by its seats' numbers unless that makes it so many times as wide as it has seats."""


class Place(NamedTuple):
    """Where a seat stands in its row: ``column`` counts from 0, with gaps where numbers have them."""

    seat_id: str
    column: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row. ``label``: what its seats' ids begin with."""

    label: str
    places: tuple[Place, ...]

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return self.places[-1].column + 1 if self.places else 0

    def nearest(self, column: int) -> Place:
        """Return the seat that is nearest to a column."""
        return min(self.places, key=lambda place: abs(place.column - column))


@dataclass(frozen=True, slots=True)
class SectionMap:
    """A section. ``first``: the number of column 0, where columns are numbers; otherwise None."""

    name: str
    rows: tuple[Row, ...]
    first: int | None

    @property
    def width(self) -> int:
        """How many columns its widest row takes."""
        return max((row.width for row in self.rows), default=0)


def section_map(name: str, seat_ids: Sequence[str]) -> SectionMap:
    """Return a section's rows."""
    groups = [(label, list(group)) for label, group in groupby(map(_parts, seat_ids), key=lambda parts: parts[1])]
    numbers = [number for _, group in groups for _, _, number in group if number is not None]
    first = min(numbers, default=0)
    by_number = bool(numbers) and all(_fits(group, first) for _, group in groups)
    rows = tuple(
        Row(
            label,
            tuple(
                Place(seat_id, (number or 0) - first if by_number else place)
                for place, (seat_id, _, number) in enumerate(group)
            ),
        )
        for label, group in groups
    )
    return SectionMap(name, rows, first if by_number else None)


def _parts(seat_id: str) -> tuple[str, str, int | None]:
    found = _NUMBERED.fullmatch(seat_id)
    return (seat_id, found[1], int(found[2])) if found else (seat_id, "", None)


def _fits(group: Sequence[tuple[str, str, int | None]], first: int) -> bool:
    numbers = [number for _, _, number in group if number is not None]
    rising = all(before < after for before, after in pairwise(numbers))
    return len(numbers) == len(group) and rising and numbers[-1] - first < WIDEST_GAP * max(len(group), 10)
