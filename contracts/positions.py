"""Ledger positions as text: ``<tx>-<id>``, what an outcome tells and a read may ask for. Pure.

``tx`` is PostgreSQL's xid8 and ``id`` the row's; positions are ordered by both, as the feed is.
"""

import re
from typing import Final

POSITION_HEADER: Final = "Frontrow-Position"
MIN_POSITION_HEADER: Final = "Frontrow-Min-Position"

Position = tuple[int, int]

_TEXT: Final = re.compile(r"([0-9]{1,20})-([0-9]{1,19})", re.ASCII)


def position_text(tx: int, row_id: int) -> str:
    """Return the text of a position."""
    return f"{tx}-{row_id}"


def position_of(text: str) -> Position | None:
    """Return the position that a text names, or None when it is none."""
    found = _TEXT.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None
