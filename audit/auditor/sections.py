"""Sections: everything that the stores hold, in pieces small enough to look at in one go. Shapes only.

``ledger_sections`` and ``view_sections`` are the pieces, ``sweep`` goes round them. A section is made of
``SECTION_ROWS`` rows at most, and a look at it asks for ``MOST_ROWS`` at most, however it has grown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from audit.auditor.follower import Follower
from audit.auditor.ledger import Ledger
from audit.auditor.standing import Standing
from audit.auditor.view import View
from audit.auditor.violations import Violation
from audit.load_log import LogReader

SECTION_ROWS: Final = 1_000
"""A block's seats; a millisecond or two of a store's time."""
MOST_ROWS: Final = 5_000
"""Of one range of ids, from each store. A range goes on growing (the last one goes to the end of all), and is looked at
again as it was made while something is broken in it: what is beyond is its rest, a section of its own. So nothing
counts as missing that was only not asked for (test: ``test_a_range_that_grew_is_looked_at_in_parts``)."""

LAST_ID: Final = "~"
"""Behind every id."""


class Piece(NamedTuple):
    """The seats of a block of an event, or, with ``block`` None, the event itself."""

    event_id: str
    block: int | None


def named(pieces: Sequence[Piece]) -> str:
    """Return what some pieces are called."""
    first, last = pieces[0], pieces[-1]
    begins, ends = ("" if piece.block is None else f" block {piece.block}" for piece in (first, last))
    return f"{first.event_id}{begins}" + (f" to {last.event_id}{ends}" if last != first else "")


@dataclass(frozen=True, slots=True)
class World:
    """What a section is looked at with."""

    log: LogReader
    ledger: Ledger
    view: View
    follower: Follower

    @property
    def standing(self) -> Standing:
        """What everything must be."""
        return self.follower.standing


def cut(ids: Sequence[str], to: str) -> str:
    """Return up to which id these are all there are. ``ids``: the first ``MOST_ROWS`` + 1 of a range up to ``to``."""
    return ids[MOST_ROWS - 1] if len(ids) > MOST_ROWS else to


class Look(NamedTuple):
    """What a look found, how many rows and documents it asked for, and what it did not look at."""

    found: Sequence[Violation]
    rows: int
    rest: "Section | None" = None


class Section(Protocol):
    """A piece of everything. ``key``: what it is called, for people too."""

    @property
    def key(self) -> str:
        """Its name, another one for each."""

    def look(self, world: World) -> Look:
        """Hold what is there against what must be.

        Raises:
            NotReachedError: it cannot be told now, and may be another time.
            BeginAgainError: the log or the ledger is another one.
            psycopg.Error, PyMongoError, LogAwayError: a store is away.
        """
