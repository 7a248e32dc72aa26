"""Folding: what seats and events must be, as the sum of the outcomes' changes, held against what the ledger says.

Pure. The proof of the log feeds every outcome in log order, then asks for the comparison.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from audit.findings import Findings, Invariant
from audit.history import Ledger, LedgerOutcome
from contracts.outcomes import Status
from contracts.seat_status import AVAILABLE

_NEVER_CHANGED = (AVAILABLE, None, 0)


class SeatState(NamedTuple):
    """Where the changes have brought one seat."""

    status: str
    owner: str | None
    version: int


@dataclass(slots=True)
class _Event:
    commands_done: int = 0
    seats: dict[tuple[int, int], SeatState] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)


class Fold:
    """The running sum of all changes."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._events: dict[str, _Event] = {}

    def add(self, outcome: LedgerOutcome) -> None:
        """Take the next outcome of its event."""
        if outcome.status == Status.DONE:
            self._event(outcome.event_id).commands_done += 1
        elif outcome.status == Status.CONFIRMED:
            self._own(outcome)
        if outcome.changes:
            self._change(outcome)

    def _event(self, event_id: str) -> _Event:
        return self._events.setdefault(event_id, _Event())

    def _own(self, outcome: LedgerOutcome) -> None:
        owners = self._event(outcome.event_id).owners
        for seat_id in outcome.seat_ids:
            self._findings.checked[Invariant.ONE_OWNER] += 1
            owner = owners.setdefault(seat_id, outcome.command_id)
            if owner != outcome.command_id:
                self._findings.complain(
                    Invariant.ONE_OWNER,
                    f"seat {seat_id} of event {outcome.event_id} is confirmed for {owner} and for {outcome.command_id}",
                )

    def _change(self, outcome: LedgerOutcome) -> None:
        seats = self._event(outcome.event_id).seats
        for change in outcome.changes:
            place = (change.block, change.position)
            last = seats.get(place)
            expected = last.version + 1 if last else 1
            if change.version != expected:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES,
                    f"{outcome.command_id} brings seat {place} of event {outcome.event_id} to version "
                    f"{change.version}, but the next one is {expected}",
                )
            owner = None if change.status == AVAILABLE else outcome.command_id
            seats[place] = SeatState(change.status, owner, change.version)

    def compare(self, ledger: Ledger) -> None:
        """Hold the ledger's seats and events against the sum."""
        for seat in ledger.seats:
            self._findings.checked[Invariant.SUM_OF_CHANGES] += 1
            event = self._events.get(seat.event_id)
            folded = event.seats.pop((seat.block, seat.position), None) if event else None
            if (folded or _NEVER_CHANGED) != (found := (seat.status, seat.booking_id, seat.version)):
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES,
                    f"seat {seat.seat_id} of event {seat.event_id} is {found} in the ledger, "
                    f"but its changes make it {tuple(folded or _NEVER_CHANGED)}",
                )
        for event_id, event in self._events.items():
            for place in event.seats:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES, f"seat {place} of event {event_id} was changed but is not in the ledger"
                )
        self._compare_events(ledger)

    def _compare_events(self, ledger: Ledger) -> None:
        versions = {event.event_id: event.version for event in ledger.events}
        for event_id in versions.keys() | {key for key, event in self._events.items() if event.commands_done}:
            self._findings.checked[Invariant.SUM_OF_CHANGES] += 1
            done = self._events[event_id].commands_done if event_id in self._events else 0
            if versions.get(event_id, 0) != done:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES,
                    f"event {event_id} has version {versions.get(event_id, 0)} in the ledger, "
                    f"but {done} of its commands were done",
                )
