"""Violations: what is broken now, by the section of everything in which it was found. Pure.

``sweep`` enters here with what each look at a section found. Nothing is believed at the first look: what is found must
be found ``CONFIRMATIONS`` times in a row, and each of the later looks comes ``LOOK_AGAIN_S`` after the one before. A
section in which nothing is found any more has none: what was mended is told no more, and what is still broken after a
restart is found again, so nothing of this is kept elsewhere.
"""

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

CONFIRMATIONS: Final = 3
"""Looks that must say the same. A comparison is exact at one look; the others are for what we did not think of."""
LOOK_AGAIN_S: Final = 1.0
MOST_BROKEN_SECTIONS: Final = 50
"""Sections that are looked at again and again because something is broken in them. One fault can break everything;
what is beyond these is found again by the round."""
MOST_OF_A_SECTION: Final = 20
"""Kept of one section: the first say what is wrong."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise, and the evidence: what log, ledger and view say, empty where they were not asked."""

    what: str
    event_id: str = ""
    booking_id: str = ""
    seat_id: str = ""
    log_says: str = ""
    ledger_says: str = ""
    view_says: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What is broken, whatever is said of it: the evidence may go on changing while people book."""
        return self.what, self.event_id, self.booking_id, self.seat_id

    @property
    def sentence(self) -> str:
        """The same for people, with ids whole: for our own log and for the ledger's keeper, never for the public."""
        where = " ".join(
            f"{name} {value}"
            for name, value in (("event", self.event_id), ("booking", self.booking_id), ("seat", self.seat_id))
            if value
        )
        said = "; ".join(
            f"the {name} says {value}"
            for name, value in (("log", self.log_says), ("ledger", self.ledger_says), ("view", self.view_says))
            if value
        )
        return f"{where}: {self.what}" + (f": {said}" if said else "")


class _Found(NamedTuple):
    """``looks``: by what is broken, in how many looks in a row it was, and how it was told last."""

    looks: Mapping[tuple[str, ...], tuple[int, Violation]]
    due_at: float


_NOTHING: Final = _Found({}, 0.0)


class Violations:
    """All that was found, by section."""

    def __init__(self) -> None:
        self._found: dict[str, _Found] = {}

    def looked(self, section: str, found: Iterable[Violation], now_s: float) -> list[Violation]:
        """Note what a look at a section found; returns what is thereby known to be broken, and was not before."""
        before = self._found.pop(section, _NOTHING)
        looks = {
            one.identity: (before.looks.get(one.identity, (0, one))[0] + 1, one)
            for one in islice(found, MOST_OF_A_SECTION)
        }
        for identity, (count, one) in before.looks.items():
            if identity not in looks and count >= CONFIRMATIONS:
                _log.warning("mended", extra={"section": section, "sentence": one.sentence})
        if looks and (before.looks or len(self._found) < MOST_BROKEN_SECTIONS):
            self._found[section] = _Found(looks, now_s + LOOK_AGAIN_S)
        new = [one for count, one in looks.values() if count == CONFIRMATIONS]
        for one in new:
            _log.error("violation", extra={"section": section, "sentence": one.sentence})
        return new

    def due(self, now_s: float) -> str | None:
        """Return a section that is to be looked at again now."""
        return next((section for section, found in self._found.items() if found.due_at <= now_s), None)

    def put_off(self, section: str, now_s: float) -> None:
        """Look at a section later, since it cannot be looked at now."""
        found = self._found.get(section)
        if found is not None:
            self._found[section] = found._replace(due_at=now_s + LOOK_AGAIN_S)

    @property
    def sections(self) -> Collection[str]:
        """The sections in which something was found."""
        return self._found.keys()

    @property
    def confirmed(self) -> list[Violation]:
        """All that is known to be broken."""
        return [one for found in self._found.values() for count, one in found.looks.values() if count >= CONFIRMATIONS]


SHOWN_OF_AN_ID: Final = 23
"""Characters of a booking's id that the public is shown: enough to find it by, and not the 13 characters of its end,
without which nobody can look at the booking, or cancel a guest's."""


_IDS: Final = re.compile(r"\b(?:bk|of|cm)_[A-Za-z0-9_-]{36}")


def public(text: str) -> str:
    """Return a text in which every booking's, offer's and command's id is cut."""
    return _IDS.sub(lambda found: f"{found[0][:SHOWN_OF_AN_ID]}…", text)
