"""Seat status and the compact status string: one character per seat of a block, in map order.

The projector and the read API enter here; the words are the wire's, the characters are the view's and the ledger's.
"""

from typing import Final

AVAILABLE: Final = "a"
HELD: Final = "h"
BOOKED: Final = "b"

WORDS: Final = {AVAILABLE: "available", HELD: "held", BOOKED: "booked"}


def available_in(status: str) -> int:
    """Return how many seats of a status string are available."""
    return status.count(AVAILABLE)
