"""The sweep: round after round through everything that the stores hold, one section at a time.

``watcher`` lets it take steps between those of the follower. What is broken is looked at again every second or two,
what could not be told is looked at once more at the round's end, and all else waits for its turn. The pace is bounded
(``ROWS_A_SECOND``, ``SHARE_OF_TIME``, less ``WHILE_BUSY``), so a round takes as long as there is something to look at.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from audit.auditor import metrics
from audit.auditor.doubts import OutcomeDoubt
from audit.auditor.follower import NotReachedError
from audit.auditor.ledger import Ledger
from audit.auditor.ledger_sections import BookingsSection, FeedSection, HallsSection, LogSection
from audit.auditor.sections import LAST_ID, SECTION_ROWS, Look, Piece, Section, World
from audit.auditor.view_sections import ShownHallsSection, ShownIdsSection, ShownTextsSection
from audit.auditor.violations import Violation, Violations

ROWS_A_SECOND: Final = 20_000
"""Rows and documents that a round asks the stores for: a fifth of what they could give. Five million bookings and a
million seats take a quarter of an hour."""
SHARE_OF_TIME: Final = 0.4
"""Of a second, at most, in which a round is at work: on a slow machine it slows down."""
BUSY_PER_S: Final = 50
"""So many messages a second to replay: people book, and whoever books goes first."""
WHILE_BUSY: Final = 5
"""By how much longer a round rests then after each section: it has an eighth of the time, and asks for 4,000 rows a
second. The follower goes on as ever: what is new is proved at once, what is old a little later."""
EVENTS_A_LOOK: Final = 500
"""How many events' blocks are listed at once."""
TRIES_A_ROUND: Final = 3
"""How often a section that could not be told is looked at in one round, before the round goes on without it."""

_log = logging.getLogger(__name__)


class Proof(NamedTuple):
    """A whole round in which nothing was broken, and all of the log up to where it began was replayed."""

    at_s: float
    seconds: float
    position: str
    messages: int
    rows: int


@dataclass(slots=True)
class Round:
    """A round under way. ``at``: the section that was looked at last."""

    number: int
    began: float
    position: str
    messages: int
    sections: Iterator[Section]
    rows: int = 0
    at: str = ""


class Sweep:
    """Goes round. ``proof``: the last whole one; ``began_s``: since when it is at the first one.

    ``round_s``: a round of a small platform takes less, and the next one waits for so long after its begin, so that
    whoever has little pays little. What is broken is found within one round and the two seconds of its confirmation.
    """

    def __init__(self, violations: Violations, round_s: float) -> None:
        self._violations = violations
        self._round_s = round_s
        self._broken: dict[str, Section] = {}
        self._postponed: dict[str, tuple[Section, int]] = {}
        self._next_at = 0.0
        self._round_at = 0.0
        self.round: Round | None = None
        self.rounds = 0
        self.proof: Proof | None = None
        self._began = time.monotonic()
        self._rows_of_last = 0
        self._looked_at_broken = False
        self._replayed = (0.0, 0)
        self._is_busy = False
        self.dropped = False
        """Whether there was more to doubt than is kept: then all is proved anew once what is kept is mended."""

    @property
    def progress(self) -> float:
        """How much of the round is done, from 0 to 1, by the rows of the one before; 0 in the first."""
        if self.round is None:
            return 1.0 if self.rounds else 0.0
        return min(0.99, self.round.rows / self._rows_of_last) if self._rows_of_last else 0.0

    def restart(self) -> None:
        """Give up the round under way: what it was to be looked at with is there no more."""
        self.round = None
        self._postponed.clear()

    def doubt(self, doubt: OutcomeDoubt, world: World) -> list[Violation]:
        """Look at what the follower found not to fit; returns what is thereby known to be broken."""
        return self._look(_Doubt(doubt), world)

    def step(self, world: World) -> list[Violation]:
        """Look at a section, if it is time for one; returns what is thereby known to be broken, and was not before."""
        now = time.monotonic()
        if now < self._next_at:
            return []
        due = self._violations.due(now) if not self._looked_at_broken else None
        self._looked_at_broken = due is not None  # in turns, or what is broken would keep us from all else
        section = self._broken[due] if due is not None else self._next(world, now)
        return self._look(section, world, again=due is not None) if section is not None else []

    def _look(self, section: Section, world: World, *, again: bool = False) -> list[Violation]:
        """Look at a section; ``again``: since something is broken in it; the round has a look of its own.

        So it puts nothing off to the round's end, or one lasting violation in what has grown would keep the round from
        ending; and takes nothing from there
        (test: ``test_a_section_that_has_grown_and_stays_broken_does_not_keep_the_sweep_from_all_else``).
        """
        began = time.monotonic()
        try:
            look = section.look(world)
        except NotReachedError:
            self._violations.put_off(section.key, time.monotonic())
            if not again:
                tries = self._postponed.pop(section.key, (section, 0))[1] + 1
                self._postponed[section.key] = section, tries
            look = Look((), 0)
            new: list[Violation] = []
        else:
            if not again:
                self._postponed.pop(section.key, None)
            if look.found:
                self._broken[section.key] = section
            new = self._violations.looked(section.key, look.found, time.monotonic())
            if section.key not in self._violations.sections:
                self._broken.pop(section.key, None)
                self.dropped = self.dropped or bool(look.found)
            if look.rest is not None and self.round is not None and not again:
                self._postponed[look.rest.key] = look.rest, 0  # at the round's end, with what could not be told
        if self.round is not None:
            self.round.rows += look.rows
        metrics.ROWS.inc(look.rows)
        now = time.monotonic()
        rest_s = max(look.rows / ROWS_A_SECOND, (now - began) * (1 / SHARE_OF_TIME - 1))
        self._next_at = now + rest_s * (WHILE_BUSY if self._busy(world.follower.messages, now) else 1)
        return new

    def _busy(self, messages: int, now: float) -> bool:
        """Whether many messages were replayed in the last second or longer; they come in bursts."""
        since, before = self._replayed
        if now - since >= 1:
            self._is_busy = messages - before > BUSY_PER_S * (now - since)
            self._replayed = now, messages
        return self._is_busy

    def _next(self, world: World, now: float) -> Section | None:
        """Return the next section of the round, a new round's when it is time for one; None: nothing is to do now."""
        if self.round is None:
            if now < self._round_at or not world.follower.caught_up:
                return None  # sections would wait for the follower one by one
            position = world.follower.cursor
            text = f"{position.tx}-{position.id}"
            self.rounds += 1
            self.round = Round(self.rounds, now, text, world.follower.messages, _sections(world))
        section = next(self.round.sections, None)
        if section is None:
            again = next((key for key, (_one, tries) in self._postponed.items() if tries < TRIES_A_ROUND), None)
            if again is None:
                self._end(self.round, now)
                return None
            section = self._postponed[again][0]
        self.round.at = section.key
        return section

    def _end(self, ended: Round, now: float) -> None:
        whole = not self._postponed and not self._violations.sections
        if whole:
            began = ended.began if self.proof is not None else self._began  # the first proof replayed all of the log
            self.proof = Proof(time.time(), now - began, ended.position, ended.messages, ended.rows)
            metrics.LAST_PROOF.set(self.proof.at_s)
            metrics.PROOF_SECONDS.set(self.proof.seconds)
        else:
            names = [*self._postponed, *self._violations.sections][:10]
            _log.info("a round did not prove everything", extra={"sections": names})
        metrics.ROUNDS.inc()
        self._postponed.clear()
        self._rows_of_last = ended.rows
        self.round = None
        self._round_at = ended.began + self._round_s  # what is broken does not wait for it


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A doubt of the follower's, as a section."""

    doubt: OutcomeDoubt

    @property
    def key(self) -> str:
        return self.doubt.key

    def look(self, world: World) -> Look:
        return Look(self.doubt.look(world.ledger), 1)


def _sections(world: World) -> Iterator[Section]:
    """Yield everything once, in pieces; what is made meanwhile may be in this round or in the next."""
    yield LogSection()
    yield ShownTextsSection()
    after = 0
    while after < world.standing.rows_seen():
        yield FeedSection(after)
        after += SECTION_ROWS
    for pieces in _groups(_pieces(world)):
        yield HallsSection(pieces)
        yield ShownHallsSection(pieces)
    for first, last in _ranges(world, Ledger.booking_after):
        yield BookingsSection(first, last)
    for first, last in _ranges(world, Ledger.command_after):
        yield ShownIdsSection(first, last)


def _pieces(world: World) -> Iterator[tuple[Piece, int]]:
    """Yield every event and block that ledger, log or view knows, with its number of seats."""
    elsewhere = world.view.event_ids() | world.standing.partition_of_event.keys()
    after = ""
    while rows := world.ledger.blocks(after, EVENTS_A_LOOK):
        for event_id, blocks in groupby(rows, key=lambda row: row[0]):
            elsewhere.discard(event_id)
            yield Piece(event_id, None), 1
            for _event, block, seats in blocks:
                if block is not None:
                    yield Piece(event_id, block), seats
        after = rows[-1][0]
    for event_id in sorted(elsewhere):
        yield Piece(event_id, None), 1


def _groups(pieces: Iterator[tuple[Piece, int]]) -> Iterator[tuple[Piece, ...]]:
    group: list[Piece] = []
    size = 0
    for piece, seats in pieces:
        if group and size + seats > SECTION_ROWS:
            yield tuple(group)
            group, size = [], 0
        group.append(piece)
        size += seats
    if group:
        yield tuple(group)


def _ranges(world: World, nth: Callable[[Ledger, str, int], str | None]) -> Iterator[tuple[str, str]]:
    after = ""
    while (last := nth(world.ledger, after, SECTION_ROWS)) is not None:
        yield after, last
        after = last
    yield after, LAST_ID
