"""Folding: what seats and events must be, as the sum of the outcomes' changes, held against what the ledger says.

Pure. The proof of the log feeds every outcome in log order, then asks for the comparison.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.findings import Findings, Invariant
from audit.history import Ledger, LedgerOutcome
from audit.selling import Selling
from contracts.ids import BOOKING_PREFIX, COMMAND_PREFIX
from contracts.outcomes import BookingState, BookingStatus, Status
from contracts.seat_status import AVAILABLE

_HAS_SEATS = (BookingStatus.HELD, BookingStatus.PAYING, BookingStatus.CONFIRMED, BookingStatus.OFFERED)
_NEVER_CHANGED = (AVAILABLE, None, 0)
_BLOCKED, _RELEASED = "block_seats", "release_seats"
_BECOMES = {
    "create_event": "draft",
    "publish_event": "on_sale",
    "open_sale": "on_sale",
    "close_sale": "closed",
    "suspend_sales": "closed",
    "cancel_event": "cancelled",
}
"""What an event's commands make of it; the others leave it as it was."""


class SeatState(NamedTuple):
    """Where the changes have brought one seat."""

    status: str
    owner: str | None
    version: int


@dataclass(slots=True)
class _Event:
    commands_done: int = 0
    status: str = ""
    seats: dict[tuple[int, int], SeatState] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    bookings: dict[str, BookingState] = field(default_factory=dict)
    principals: dict[str, str] = field(default_factory=dict)


class Fold:
    """The running sum of all changes. ``limited``: the events at which everybody's seats are counted."""

    def __init__(self, findings: Findings, limited: frozenset[str] = frozenset()) -> None:
        self._findings = findings
        self._limited = limited
        self._events: dict[str, _Event] = {}
        self.selling = Selling()

    def add(self, outcome: LedgerOutcome) -> None:
        """Take the next outcome of its event."""
        self.selling.add(outcome)
        booking_id = outcome.booking_id or outcome.command_id
        if outcome.event_id in self._limited and outcome.principal is not None:
            self._event(outcome.event_id).principals[outcome.command_id] = outcome.principal
        if outcome.booking is not None and outcome.status != Status.REJECTED:
            self._live(booking_id, outcome.booking, outcome)
        elif outcome.booking_id is None and outcome.status == Status.DONE:
            self._done(outcome)
        elif outcome.status == Status.CONFIRMED:
            self._own(booking_id, outcome.seat_ids, outcome.event_id)
        if outcome.changes:
            self._change(outcome, booking_id)

    def _event(self, event_id: str) -> _Event:
        return self._events.setdefault(event_id, _Event())

    def _done(self, outcome: LedgerOutcome) -> None:
        """Take a command to an event."""
        event = self._event(outcome.event_id)
        if outcome.kind == _BLOCKED:
            self._own(outcome.command_id, outcome.seat_ids, outcome.event_id)
        elif outcome.kind == _RELEASED:
            for seat_id in outcome.seat_ids:
                event.owners.pop(seat_id, None)
        else:
            event.commands_done += 1
            event.status = _BECOMES.get(outcome.kind, event.status)

    def _live(self, booking_id: str, state: BookingState, outcome: LedgerOutcome) -> None:
        """Take the next state of a booking: what it no longer has is given back before it may be taken again."""
        event = self._event(outcome.event_id)
        self._findings.checked[Invariant.SUM_OF_CHANGES] += 1
        before = event.bookings.get(booking_id)
        expected = before.version + 1 if before else _first_version(outcome)
        if state.version != expected:
            self._findings.complain(
                Invariant.SUM_OF_CHANGES,
                f"booking {booking_id} goes to version {state.version}, but the next one is {expected}",
            )
        event.bookings[booking_id] = state
        kept = state.seat_ids if state.status in _HAS_SEATS else ()
        for seat_id in outcome.seat_ids:
            if seat_id not in kept and event.owners.get(seat_id) == booking_id:
                del event.owners[seat_id]
        self._own(booking_id, kept, outcome.event_id)

    def _own(self, booking_id: str, seat_ids: Iterable[str], event_id: str) -> None:
        owners = self._event(event_id).owners
        for seat_id in seat_ids:
            self._findings.checked[Invariant.ONE_OWNER] += 1
            owner = owners.setdefault(seat_id, booking_id)
            if owner != booking_id:
                self._findings.complain(
                    Invariant.ONE_OWNER, f"seat {seat_id} of event {event_id} is {owner}'s and given to {booking_id}"
                )

    def _change(self, outcome: LedgerOutcome, booking_id: str) -> None:
        seats = self._event(outcome.event_id).seats
        for change in outcome.changes:
            place = (change.block, change.position)
            last = seats.get(place)
            expected = last.version + 1 if last else 1
            if change.version != expected:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES,
                    f"{booking_id} brings seat {place} of event {outcome.event_id} to version "
                    f"{change.version}, but the next one is {expected}",
                )
            owner = None if change.status == AVAILABLE else booking_id
            seats[place] = SeatState(change.status, owner, change.version)

    def compare(self, ledger: Ledger) -> None:
        """Hold the ledger's seats, bookings and events against the sum."""
        cleared = {event.event_id for event in ledger.events if event.status == "cancelled" and not event.clearing}
        for seat in ledger.seats:
            self._findings.checked[Invariant.SUM_OF_CHANGES] += 1
            if seat.event_id in cleared and not (seat.booking_id or COMMAND_PREFIX).startswith(COMMAND_PREFIX):
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES,
                    f"seat {seat.seat_id} of event {seat.event_id}, which is cancelled, is {seat.booking_id}'s",
                )
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
        self._compare_bookings(ledger)
        self._compare_events(ledger)
        self._compare_counts(ledger)

    def _compare_bookings(self, ledger: Ledger) -> None:
        for booking_id, event_id, state in ledger.bookings:
            self._findings.checked[Invariant.SUM_OF_CHANGES] += 1
            folded = self._event(event_id).bookings.pop(booking_id, None)
            if folded != state:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES,
                    f"booking {booking_id} is {state} in the ledger, but its outcomes make it {folded}",
                )
        for event in self._events.values():
            for booking_id in event.bookings:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES, f"booking {booking_id} has a life but is not in the ledger's bookings"
                )

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
        for event in ledger.events:
            status = self._events[event.event_id].status if event.event_id in self._events else ""
            if status != event.status:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES,
                    f"event {event.event_id} is {event.status} in the ledger, its commands make it {status or 'none'}",
                )

    def _compare_counts(self, ledger: Ledger) -> None:
        owned = {
            (event_id, principal): seats
            for event_id in self._limited
            for principal, seats in self._counted(event_id).items()
        }
        for event_id, principal, seats in ledger.seat_counts:
            self._findings.checked[Invariant.SUM_OF_CHANGES] += 1
            if owned.pop((event_id, principal), 0) != seats:
                self._findings.complain(
                    Invariant.SUM_OF_CHANGES, f"{principal} is said to have {seats} seats of event {event_id}"
                )
        for (event_id, principal), seats in owned.items():
            self._findings.complain(
                Invariant.SUM_OF_CHANGES, f"the {seats} seats of {principal} at event {event_id} are not counted"
            )

    def _counted(self, event_id: str) -> Counter[str]:
        """Return how many seats everybody has; an offer is the one's whose booking it was made for."""
        event = self._event(event_id)
        owners = (owner for owner in event.owners.values() if not owner.startswith(COMMAND_PREFIX))
        return Counter(event.principals[f"{BOOKING_PREFIX}{owner[2:]}"] for owner in owners)


def _first_version(outcome: LedgerOutcome) -> int:
    """Return the version with which a booking's life begins: when it is made, or when a later command changes it."""
    made = outcome.booking_id is None or (
        outcome.booking is not None and outcome.booking.status == BookingStatus.OFFERED
    )
    return 1 if made else 2
