"""Sections: everything that the stores hold, in pieces small enough to look at in one go. Shapes only.

``ledger_sections`` and ``view_sections`` are the pieces, ``sweep`` goes round them. A look at a section asks the stores
for ``SECTION_ROWS`` rows at most.
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


class Look(NamedTuple):
    """What a look found, and how many rows and documents it asked for."""

    found: Sequence[Violation]
    rows: int


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
