"""Invariants: a history goes in, what is broken in it comes out. Pure.

The log is walked once, partition by partition in offset order, beside the ledger's outcomes in the same order and a
replay that decides every message anew; then seats and events are compared with the sum of the changes, and the view
with the ledger. Tests feed every invariant a history that breaks it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, Protocol

from audit import money, showing, telling
from audit.findings import Findings, Invariant
from audit.folding import Fold
from audit.former import Former
from audit.history import DecidedTo, History, LedgerOutcome, Message
from contracts.outcomes import Status


class Replayed(NamedTuple):
    """What the ledger must hold for one message. A repetition has no outcome; poison has a dead letter.

    A tick has an outcome for each booking that it ended, in order; everything else has at most one. What rests on a
    former log is not decided anew: then the id of the command is all that is known.
    """

    outcomes: tuple[LedgerOutcome, ...] = ()
    dead_letter: bool = False
    rests_on_former: str | None = None


class Replay(Protocol):
    """Decides the log's messages anew, in offset order of each partition."""

    def begin_after(self, former: Former) -> None:
        """Leave out what rests on logs that are no more; called once, before the first message."""

    def apply(self, message: Message) -> Replayed:
        """Return what the next message leads to."""


def check(history: History, replay: Replay) -> Findings:
    """Return what is broken in a history."""
    findings = Findings()
    fold = Fold(findings, frozenset(event.event_id for event in history.ledger.events if event.max_seats_per_user))
    former = Former(_folded(history.ledger.former, fold))
    findings.former = former.outcomes
    replay.begin_after(former)
    _Walk(history, replay, findings, fold, former).run()
    fold.compare(history.ledger)
    fold.selling.compare(history.ledger, history.view, findings)
    money.compare(history.money, findings)
    telling.compare(history.ledger.tellings, findings)
    showing.compare(history.ledger, _with_ids_checked(history, findings), history.view, findings)
    return findings


def _folded(outcomes: Iterable[LedgerOutcome], fold: Fold) -> Iterator[LedgerOutcome]:
    for outcome in outcomes:
        fold.add(outcome)
        yield outcome


class _Walk:
    """The walk through the log beside the outcomes."""

    def __init__(self, history: History, replay: Replay, findings: Findings, fold: Fold, former: Former) -> None:
        self._former = former
        self._log = history.log
        self._ledger = history.ledger
        self._replay = replay
        self._findings = findings
        self._fold = fold

    def run(self) -> None:
        left = set(self._log.messages)
        order = sorted(left)
        for partition, found in groupby(self._ledger.outcomes, attrgetter("log_partition")):
            while order and order[0] < partition:
                self._partition(order.pop(0), iter(()))
            if order and order[0] == partition:
                order.pop(0)
            self._partition(partition, found)
        for partition in order:
            self._partition(partition, iter(()))

    def _partition(self, partition: int, found: Iterator[LedgerOutcome]) -> None:
        decided = self._ledger.decided_to.get(partition, DecidedTo(0, 0))
        self._completeness(partition, decided)
        outcomes = groupby(found, attrgetter("log_offset"))
        offset, group = next(outcomes, (None, iter(())))
        log_time_ms = 0
        for message in self._log.messages.get(partition, ()):
            if message.offset >= decided.next_offset:
                break
            while offset is not None and offset < message.offset:
                self._foreign(group)
                offset, group = next(outcomes, (None, iter(())))
            here = list(group) if offset == message.offset else []
            if here:
                offset, group = next(outcomes, (None, iter(())))
            self._message(message, here)
            log_time_ms = max(log_time_ms, message.log_time_ms)
        while offset is not None:
            self._foreign(group)
            offset, group = next(outcomes, (None, iter(())))
        if decided.next_offset and log_time_ms != decided.log_time_ms:
            self._findings.complain(
                Invariant.REPLAY,
                f"partition {partition} is decided to {decided.log_time_ms} ms, but the log is at {log_time_ms} ms",
            )

    def _completeness(self, partition: int, decided: DecidedTo) -> None:
        first, end = self._log.first.get(partition, 0), self._log.end.get(partition, 0)
        if first > 0:
            self._findings.complain(
                Invariant.REPLAY, f"partition {partition} begins at offset {first}: what was before cannot be replayed"
            )
        if decided.next_offset < end:
            self._findings.complain(
                Invariant.ONE_OUTCOME,
                f"partition {partition} is decided up to offset {decided.next_offset}, but the log goes to {end}",
            )
        elif decided.next_offset > max(end, first) and partition not in self._log.messages:
            self._findings.complain(
                Invariant.NO_FOREIGN,
                f"the ledger decided partition {partition} up to {decided.next_offset}, but the log has none such",
            )

    def _message(self, message: Message, found: list[LedgerOutcome]) -> None:
        expected = self._replay.apply(message)
        where = f"partition {message.partition} offset {message.offset}"
        if expected.dead_letter:
            self._findings.checked[Invariant.ONE_OUTCOME] += 1
            if (message.partition, message.offset) not in self._ledger.dead_letters:
                self._findings.complain(
                    Invariant.ONE_OUTCOME, f"the message at {where} is no command and has no dead letter"
                )
        if expected.rests_on_former is not None:
            self._unproved(found)
            if expected.rests_on_former not in self._former.ids:
                self._findings.complain(
                    Invariant.ONE_OUTCOME, f"{expected.rests_on_former} at {where} is decided but has no outcome"
                )
            return
        # A tick ends what is due, whichever log it is of.
        self._unproved([outcome for outcome in found if outcome.event_id in self._former.events])
        found, should = self._provable(found), self._provable(expected.outcomes)
        if not should:
            self._foreign(found)
        else:
            self._decided(should, found, where)

    def _provable(self, outcomes: Sequence[LedgerOutcome]) -> list[LedgerOutcome]:
        return [outcome for outcome in outcomes if outcome.event_id not in self._former.events]

    def _unproved(self, found: Sequence[LedgerOutcome]) -> None:
        self._findings.rest_on_former += len(found)
        for outcome in found:
            self._fold.add(outcome)
            self._former.take(outcome)

    def _decided(self, expected: Sequence[LedgerOutcome], found: list[LedgerOutcome], where: str) -> None:
        self._findings.checked[Invariant.ONE_OUTCOME] += len(expected)
        self._findings.checked[Invariant.REPLAY] += min(len(expected), len(found))
        for outcome in found:
            self._fold.add(outcome)
        for missing in expected[len(found) :]:
            self._findings.complain(
                Invariant.ONE_OUTCOME, f"{_named(missing)} at {where} is decided but has no outcome"
            )
        if len(found) > len(expected):
            names = ", ".join(f"{_named(outcome)} {outcome.status}" for outcome in found)
            self._findings.complain(Invariant.ONE_OUTCOME, f"the command at {where} has {len(found)} outcomes: {names}")
        for is_, should in zip(found, expected, strict=False):
            if is_ != should:
                self._findings.complain(
                    Invariant.REPLAY, f"{_named(should)} at {where} differs: {_difference(is_, should)}"
                )

    def _foreign(self, outcomes: Iterable[LedgerOutcome]) -> None:
        for outcome in outcomes:
            self._fold.add(outcome)
            self._findings.complain(
                Invariant.NO_FOREIGN,
                f"{_named(outcome)} is {outcome.status} at partition {outcome.log_partition} offset "
                f"{outcome.log_offset}, where the log has no command for it",
            )


def _named(outcome: LedgerOutcome) -> str:
    return outcome.command_id or f"the end of {outcome.booking_id}"


def _difference(found: LedgerOutcome, expected: LedgerOutcome) -> str:
    pairs = zip(LedgerOutcome._fields, found, expected, strict=True)
    return "; ".join(f"{name} is {is_!r}, replayed {should!r}" for name, is_, should in pairs if is_ != should)


def _with_ids_checked(history: History, findings: Findings) -> Iterator[LedgerOutcome]:
    """Pass the outcomes on in order of id, so that they are read once for both: their ids, and what the view shows."""
    missing = set(history.accepted)
    last = None
    for outcome in history.ledger.outcomes_by_id:
        findings.checked[Invariant.NO_FOREIGN] += 1
        if outcome.command_id == last:
            findings.complain(Invariant.ONE_OUTCOME, f"{outcome.command_id} has more than one outcome")
        last = outcome.command_id
        if outcome.command_id in missing:
            missing.discard(outcome.command_id)
            if outcome.status == Status.FAILED:
                findings.complain(
                    Invariant.ONE_OUTCOME, f"{outcome.command_id} was accepted but is failed {outcome.reason}"
                )
        yield outcome
    for booking_id in sorted(missing):
        findings.complain(Invariant.ONE_OUTCOME, f"{booking_id} was accepted but has no outcome")
