"""Exits: what the process' exit status says. Scripts enter here; README's table is this one (a test compares)."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final


class Exit(IntEnum):
    """One status for everything that a script would do the same about."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    UNKNOWN = 5
    UNAVAILABLE = 6
    UNDECIDED = 7
    BUG = 70
    INTERRUPTED = 130


MEANING: Final = {
    Exit.OK: "done",
    Exit.REFUSED: "Frontrow said no: a seat is taken, the sale is closed, the state does not allow it",
    Exit.USAGE: "the command or its input is wrong",
    Exit.NOT_FOUND: "there is no such event, booking or production",
    Exit.NOT_ALLOWED: "not yours, or not logged in",
    Exit.UNKNOWN: "it may have been accepted: the same command again settles it",
    Exit.UNAVAILABLE: "nobody answered, or Frontrow is too busy; nothing was changed",
    Exit.UNDECIDED: "accepted and not decided yet",
    Exit.BUG: "a bug, here or at the other end",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
}
_REASONS: Final[Mapping[str, Exit]] = MappingProxyType(
    {
        "unknown_event": Exit.NOT_FOUND,
        "unknown_seat": Exit.NOT_FOUND,
        "unknown_booking": Exit.NOT_FOUND,
        "forbidden": Exit.NOT_ALLOWED,
    }
)


def of_reason(reason: str | None) -> Exit:
    """Return what a refusal for this reason ends with."""
    return _REASONS.get(reason or "", Exit.REFUSED)
