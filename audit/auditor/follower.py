"""The follower: replays the log behind the worker, and holds every outcome of the feed against the replay.

``watcher`` lets it take steps, and ``sweep`` asks it to go exactly so far. The feed is read below the horizon, as the
projector reads it, so no row can come in behind the cursor; a message is replayed once all of its outcomes must have
been read. What does not fit becomes a doubt, a section that is looked at again until it fits or is believed
(``violations``). It must never go on over another log or another ledger than the one that it began with:
``BeginAgainError``.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from audit.auditor import metrics
from audit.auditor.doubts import OutcomeDoubt
from audit.auditor.ledger import Ledger, Poll, Position, Row
from audit.auditor.log_tail import LogTail
from audit.auditor.standing import Seen, Standing
from audit.history import LedgerOutcome, Message
from audit.invariants import Replayed
from contracts.commands import Tick, decode

ROWS_AT_ONCE: Final = 1_000
"""Rows of the feed a question: some ms of PostgreSQL's time."""
ROWS_A_SECOND: Final = 5_000
"""How fast a long feed is read, after a start, a pause or a rush: five times the load that one worker is meant for, so
that the auditor catches up, at a third of a processor, so that who books meanwhile hardly notices."""
LOOK_EVERY_S: Final = 0.25
"""How often a feed that was read to its end is looked at: four small questions a second."""
ROWS_WAITING: Final = 4_000
"""Rows that were read and whose messages were not; beyond these the log is waited for. Some ten MB."""
REACHED_WITHIN_S: Final = 5.0
"""How long a section waits for the replay to be where the ledger was when it was asked; longer means that a store is
away, or that there is more than the auditor keeps up with, and the section is looked at another time."""
DOUBTS_WAITING: Final = 1_000
"""Doubts that nobody has taken yet; beyond these all is broken anyway, and proved anew later."""
UNMATCHED_KEPT: Final = 10_000
"""Places of which outcomes were missing: they may come late, put back by somebody's hand."""


class BeginAgainError(Exception):
    """The log or the ledger is another one than a moment ago: what is known must be forgotten."""


class NotReachedError(Exception):
    """What a section waited for did not come in time."""


class Follower:
    """Where the replay is. ``connect`` before the first step, and again after a store was away."""

    def __init__(self, standing: Standing, partitions: Sequence[int]) -> None:
        self.standing = standing
        self.cursor = Position(0, 0)
        self.positions = dict.fromkeys(partitions, 0)
        self.messages = 0
        self.former_rows = 0
        self.doubts: list[OutcomeDoubt] = []
        """What did not fit since somebody took them."""
        self.too_many = False
        """Whether there were more doubts than could be kept."""
        self.drained = False
        """Whether the feed was read to its end at the last look."""
        self._digest: int | None = None
        self._incarnation = ""
        self._topic_no: int | None = None
        self._rows: dict[int, deque[Row]] = {partition: deque() for partition in partitions}
        self._complete_to = dict.fromkeys(partitions, 0)
        self._decided_to: Mapping[int, int] = {}
        self._unmatched: dict[tuple[int, int], tuple[LedgerOutcome, ...]] = {}
        self._look_at = 0.0
        self._ledger: Ledger
        self._tail: LogTail

    def connect(self, ledger: Ledger, tail: LogTail) -> None:
        """Go on with new sessions, ``tail`` from ``positions`` on."""
        self._ledger, self._tail = ledger, tail
        self._look_at = 0.0
        self.check()

    def check(self) -> None:
        """See that the ledger is the one that was read; one is restored while nobody has a session.

        Raises:
            BeginAgainError: it has another row at the cursor, or none.
        """
        if self._digest is not None and self._ledger.digest_at(self.cursor) != self._digest:
            msg = f"the ledger has another row at {self.cursor.tx}-{self.cursor.id}, or none"
            raise BeginAgainError(msg)

    @property
    def behind(self) -> int:
        """How many messages are decided and not replayed."""
        return sum(max(0, offset - self.positions.get(partition, 0)) for partition, offset in self._decided_to.items())

    @property
    def caught_up(self) -> bool:
        """Whether all that is decided below the horizon is replayed."""
        return self.drained and all(self.positions[p] >= offset for p, offset in self._complete_to.items())

    def step(self, wait_s: float = 0.0, stop_at: Mapping[int, int] | None = None) -> bool:
        """Read and replay a bounded number of messages; returns whether there was something.

        ``stop_at``: offsets before which the replay of partitions is to stop for now.
        """
        now = time.monotonic()
        looked = False
        if now >= self._look_at and sum(map(len, self._rows.values())) < ROWS_WAITING:
            self._look()
            looked = True
        came = self._tail.fetch(0.0 if looked else wait_s)
        replayed = sum(self._replay(partition, stop_at or {}) for partition in self.positions)
        return bool(came or replayed or (looked and not self.drained))

    def reach(self, places: Mapping[int, int]) -> None:
        """Go on until the replay of these partitions is exactly at these offsets, and no further.

        Raises:
            NotReachedError: not within ``REACHED_WITHIN_S``.
            BeginAgainError: it is further already.
        """
        deadline = time.monotonic() + REACHED_WITHIN_S
        while any(self.positions[partition] < offset for partition, offset in places.items()):
            if time.monotonic() > deadline:
                raise NotReachedError
            if self.drained:
                self._look_at = min(self._look_at, time.monotonic() + 0.01)  # somebody waits: look again soon
            self.step(0.01, places)
        for partition, offset in places.items():
            if self.positions[partition] > offset:
                msg = f"partition {partition} is decided up to {offset}, and was up to {self.positions[partition]}"
                raise BeginAgainError(msg)

    def oldest_undecided_s(self, now_s: float) -> float:
        """Return the age of the oldest request on the log that is not decided, 0 when there is none.

        While the replay is far behind the worker it is not known, and 0 as well.
        """
        oldest = now_s
        for partition in self.positions:
            decided = self._decided_to.get(partition, 0)
            for message in self._tail.waiting(partition):
                if message.offset >= decided and not _is_tick(message):
                    oldest = min(oldest, message.log_time_ms / 1000)
                    break
        return max(0.0, now_s - oldest)

    # -------------------------------------------------------------------------------------------------- the feed

    def _look(self) -> None:
        poll = self._ledger.poll(self.cursor, ROWS_AT_ONCE)
        self._look_at = time.monotonic() + (LOOK_EVERY_S if poll.drained else len(poll.rows) / ROWS_A_SECOND)
        self._check_world(poll)
        if poll.rows:
            last = poll.rows[-1]
            self.cursor, self._digest = last.position, last.digest
            self.standing.see(map(_seen, poll.rows))
            for row in poll.rows:
                self._take(row)
        self.drained = poll.drained
        self._decided_to = poll.decided_to
        for partition, waiting in self._rows.items():
            if poll.drained:
                complete_to = poll.complete_to.get(partition, 0)
            else:
                complete_to = waiting[-1].outcome.log_offset if waiting else 0  # it may have more outcomes
            self._complete_to[partition] = max(self._complete_to[partition], complete_to)

    def _check_world(self, poll: Poll) -> None:
        if not self._incarnation:
            self._incarnation = poll.incarnation
        if self._topic_no is None:
            self._topic_no = poll.topic_no
        if (poll.incarnation, poll.topic_no) != (self._incarnation, self._topic_no):
            msg = "this is another ledger, or another log"
            raise BeginAgainError(msg)
        if any(offset < self._complete_to.get(partition, 0) for partition, offset in poll.decided_to.items()):
            msg = "the ledger has decided less than before"
            raise BeginAgainError(msg)

    def _take(self, row: Row) -> None:
        outcome = row.outcome
        if row.topic_no is not None and row.topic_no != self._topic_no:
            self.former_rows += 1
            self.standing.rest(outcome, of_former=True)
            return
        if outcome.log_offset >= self.positions.get(outcome.log_partition, 0):
            self._rows[outcome.log_partition].append(row)
            return
        # Late: below the horizon no row comes in, so a hand has put it there; perhaps back.
        place = outcome.log_partition, outcome.log_offset
        if outcome not in self._unmatched.get(place, ()):
            self._doubt(place, self._unmatched.get(place, ()), [row])

    # -------------------------------------------------------------------------------------------------- the log

    def _replay(self, partition: int, stop_at: Mapping[int, int]) -> int:
        end = min(self._complete_to[partition], stop_at.get(partition, self._complete_to[partition]))
        count = 0
        while (message := self._tail.next(partition)) is not None and message.offset < end:
            self._tail.take(partition)
            self._hold(message, self.standing.apply(message))
            self.positions[partition] = message.offset + 1
            count += 1
        self.messages += count
        metrics.MESSAGES.inc(count)
        return count

    def _hold(self, message: Message, replayed: Replayed) -> None:
        """Hold what the ledger has of a message against what the replay makes of it."""
        place = message.partition, message.offset
        found = self._found(message)
        if replayed.dead_letter and not self._ledger.has_dead_letter(*place):
            self._doubt(place, (), [], dead_letter=True)
        if replayed.rests_on_former is not None:
            if not found and replayed.rests_on_former not in self.standing.former.ids:
                self._doubt(place, (), [], without=replayed.rests_on_former)
            for row in found:
                self.standing.rest(row.outcome, of_former=False)
            return
        expected, former = replayed.outcomes, self.standing.former.events
        if former:  # a tick ends what is due, whichever log it is of
            for row in found:
                if row.outcome.event_id in former:
                    self.standing.rest(row.outcome, of_former=False)
            found = [row for row in found if row.outcome.event_id not in former]
            expected = tuple(outcome for outcome in expected if outcome.event_id not in former)
        if expected != tuple(row.outcome for row in found):
            self._doubt(place, expected, found)

    def _found(self, message: Message) -> list[Row]:
        """Take the feed's rows of a message; those of places before it have none."""
        rows = self._rows[message.partition]
        found = []
        while rows and rows[0].outcome.log_offset <= message.offset:
            row = rows.popleft()
            if row.outcome.log_offset == message.offset:
                found.append(row)
            else:
                self._doubt((row.outcome.log_partition, row.outcome.log_offset), (), [row])
        return found

    def _doubt(
        self,
        place: tuple[int, int],
        expected: tuple[LedgerOutcome, ...],
        found: Sequence[Row],
        *,
        dead_letter: bool = False,
        without: str = "",
    ) -> None:
        if len(self._unmatched) < UNMATCHED_KEPT:
            self._unmatched[place] = expected
        if len(self.doubts) >= DOUBTS_WAITING:
            self.too_many = True
            return
        outcomes = (*expected, *(row.outcome for row in found))
        ids = tuple(sorted({outcome.command_id or outcome.booking_id or "" for outcome in outcomes}))
        self.doubts.append(OutcomeDoubt(place, expected, ids, dead_letter=dead_letter, without=without))


def _seen(row: Row) -> Seen:
    outcome = row.outcome
    return Seen(*row.position, row.digest, outcome.command_id or outcome.booking_id or "", outcome.event_id)


def _is_tick(message: Message) -> bool:
    try:
        return isinstance(decode(message.value or b""), Tick)
    except ValueError:
        return False
