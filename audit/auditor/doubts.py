"""Doubts: messages of the log whose outcomes are not what the replay makes of them. ``follower`` makes them.

A doubt is a section of its own: each look asks the ledger again, by the ids, so that an outcome that is put back, or
made right, ends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.auditor.ledger import Ledger
from audit.auditor.violations import Violation
from audit.history import LedgerOutcome


@dataclass(frozen=True, slots=True)
class OutcomeDoubt:
    """``expected``: what the ledger must hold of the message at ``place`` (partition, offset); ``ids``: of commands and
    bookings by which that is found; ``without``: a command that rests on a former log and has no outcome at all."""  # noqa: D205, D209

    place: tuple[int, int]
    expected: tuple[LedgerOutcome, ...]
    ids: tuple[str, ...]
    dead_letter: bool = False
    without: str = ""

    @property
    def key(self) -> str:
        """What it is called."""
        return f"outcomes at partition {self.place[0]} offset {self.place[1]}" + (
            " and its dead letter" if self.dead_letter else ""
        )

    def look(self, ledger: Ledger) -> list[Violation]:
        """Return what is wrong now."""
        if self.dead_letter:
            if ledger.has_dead_letter(*self.place):
                return []
            return [Violation(f"the message at {self._where} is no command and has no dead letter")]
        if self.without:
            if ledger.outcomes_of(self.without):
                return []
            return [Violation("it is on the log and has no outcome", booking_id=self.without)]
        rows = {row.position: row.outcome for each in self.ids for row in ledger.outcomes_of(each)}
        found = [
            outcome
            for _position, outcome in sorted(rows.items())
            if (outcome.log_partition, outcome.log_offset) == self.place
        ]
        return list(self._differences(found))

    @property
    def _where(self) -> str:
        return f"partition {self.place[0]} offset {self.place[1]}"

    def _differences(self, found: Sequence[LedgerOutcome]) -> list[Violation]:
        if tuple(found) == self.expected or sorted(found, key=_about) == sorted(self.expected, key=_about):
            return []
        wrong = []
        known = {_about(outcome): outcome for outcome in found}
        for outcome in self.expected:
            is_ = known.pop(_about(outcome), None)
            if is_ is None:
                wrong.append(_violation("it is decided but has no outcome", outcome, log=said(outcome)))
            elif is_ != outcome:
                log, ledger = different(outcome, is_)
                wrong.append(_violation("its outcome is not the one that the log gives", outcome, log, ledger))
        for outcome in known.values():
            what = f"it has an outcome, and the log has no command for it at {self._where}"
            wrong.append(_violation(what, outcome, ledger=said(outcome)))
        return wrong


def said(outcome: LedgerOutcome) -> str:
    """Return an outcome in a few words."""
    seats = f" of {', '.join(outcome.seat_ids[:10])}" if outcome.seat_ids else ""
    return f"{outcome.kind} {outcome.status}{f' {outcome.reason}' if outcome.reason else ''}{seats}"


def different(should: LedgerOutcome, is_: LedgerOutcome) -> tuple[str, str]:
    """Return what both say of that in which they differ; who booked is not told."""
    pairs = [
        (name, first, second)
        for name, first, second in zip(LedgerOutcome._fields, should, is_, strict=True)
        if first != second
    ]
    told = [(name, "…", "another") if name in {"principal", "payment"} else (name, a, b) for name, a, b in pairs]
    return tuple(  # type: ignore[return-value]  # two of them
        "; ".join(f"{name} {words[which]}" for name, *words in told) for which in (0, 1)
    )


def _violation(what: str, about: LedgerOutcome, log: str = "", ledger: str = "") -> Violation:
    return Violation(
        what,
        event_id=about.event_id,
        booking_id=about.booking_id or about.command_id,
        seat_id=about.seat_ids[0] if about.seat_ids else "",
        log_says=log,
        ledger_says=ledger,
    )


def _about(outcome: LedgerOutcome) -> tuple[str, str, str, int]:
    return outcome.command_id, outcome.booking_id or "", outcome.kind, outcome.booking.version if outcome.booking else 0
