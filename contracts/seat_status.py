"""Seat status and the compact status string: one character per seat of a block, in map order.

The projector and the read API enter here; the words are the wire's, the characters are the view's and the ledger's.
"""

from collections.abc import Iterable
from typing import Final

AVAILABLE: Final = "a"
HELD: Final = "h"
BOOKED: Final = "b"

WORDS: Final = {AVAILABLE: "available", HELD: "held", BOOKED: "booked"}


def available_in(status: str) -> int:
    """Return how many seats of a status string are available."""
    return status.count(AVAILABLE)


def with_changes(status: str, changes: Iterable[tuple[int, str]]) -> str:
    """Return the status string after ``(position, character)`` changes.

    Raises:
        ValueError: a position outside the block, or a character that is no status.
    """
    seats = list(status)
    for position, character in changes:
        if not 0 <= position < len(seats) or character not in WORDS:
            msg = f"no seat {position} of {len(seats)}, or no status {character!r}"
            raise ValueError(msg)
        seats[position] = character
    return "".join(seats)
