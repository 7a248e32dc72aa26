"""Selling: what the view says of how events sell, held against the ledger. Pure.

``folding`` passes every outcome on, ``invariants`` asks for the comparison. What is counted is told in
``contracts.sales``; it is counted here anew, from the outcomes in the order of the log, and the seats as they are. An
event that was shown before sales were counted says since when they are: of that only the seats are held against it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from audit.findings import Findings, Invariant
from audit.history import Ledger, LedgerOutcome, View
from contracts.ids import COMMAND_PREFIX
from contracts.outcomes import Reason, Status
from contracts.seat_status import AVAILABLE, BOOKED
from contracts.views import SalesView

MINUTES_TOLD: Final = 1_440
"""What of the minutes with sales is told one by one; those before are one number."""
MINUTE_MS: Final = 60_000

_Category = tuple[str | None, int | None, str | None]


@dataclass(slots=True)
class _Sold:
    minutes: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class Selling:
    """The running count of every event's outcomes."""

    def __init__(self) -> None:
        self._events: dict[str, _Sold] = {}

    def add(self, outcome: LedgerOutcome) -> None:
        """Take the next outcome of its event."""
        if outcome.kind == "publish_event" and outcome.status == Status.DONE:
            self._events[outcome.event_id] = _Sold()
        elif outcome.kind == "book_seats" and outcome.status == Status.REJECTED:
            if outcome.reason not in (None, Reason.UNKNOWN_EVENT):
                self._of(outcome.event_id).refused[outcome.reason or ""] += 1
        elif outcome.kind != "block_seats":
            seats = sum(change.status == BOOKED for change in outcome.changes)
            if seats:
                self._of(outcome.event_id).minutes[outcome.decided_at_ms // MINUTE_MS] += seats

    def _of(self, event_id: str) -> _Sold:
        return self._events.setdefault(event_id, _Sold())

    def compare(self, ledger: Ledger, view: View, findings: Findings) -> None:
        """Hold the view's documents against the count; one that may have gone on since is left out."""
        public = {event.event_id for event in ledger.events if event.status != "draft"}
        seats = _seats(ledger, public)
        for event_id in sorted(public | view.sales.keys()):
            findings.checked[Invariant.SALES] += 1
            shown = view.sales.get(event_id)
            wrong = "it has none" if shown is None else self._difference(event_id, shown, seats.get(event_id, {}))
            if wrong and not view.moved():
                findings.complain(Invariant.SALES, f"the sales of event {event_id} differ from the ledger's: {wrong}")

    def _difference(self, event_id: str, shown: SalesView, seats: dict[_Category, list[int]]) -> str:
        told: dict[_Category, list[int]] = {
            (one["category"], one["price_minor"], one["currency"]): [
                one["available"],
                one["held"],
                one["booked"],
                one["blocked"],
            ]
            for one in shown["categories"]
        }
        if (some := {key: numbers for key, numbers in told.items() if any(numbers)}) != seats:
            return f"seats {some} instead of {seats}"
        if shown["since"] is not None:
            return ""
        sold = self._events.get(event_id, _Sold())
        latest = dict(sorted(sold.minutes.items())[-MINUTES_TOLD:])
        earlier = sold.minutes.total() - sum(latest.values())
        should = ({str(minute): count for minute, count in latest.items()}, earlier, dict(sold.refused))
        is_ = shown["sold"], shown["sold_earlier"], shown["refused"]
        return "" if is_ == should else f"sold and refused {is_} instead of {should}"


def _seats(ledger: Ledger, public: set[str]) -> dict[str, dict[_Category, list[int]]]:
    """Return how many seats of each category are available, held, booked and blocked, event by event."""
    usual: dict[tuple[str, int], _Category] = {}
    own: dict[tuple[str, str], _Category] = {}
    for block in ledger.blocks:
        if block.event_id not in public:
            continue
        usual[block.event_id, block.block] = block.category, block.price_minor, block.currency
        for category, price_minor, seat_ids in block.priced:
            own |= {(block.event_id, seat_id): (category, price_minor, block.currency) for seat_id in seat_ids}
    found: dict[str, dict[_Category, list[int]]] = {}
    for seat in ledger.seats:
        if seat.event_id in public:
            kind = own.get((seat.event_id, seat.seat_id)) or usual[seat.event_id, seat.block]
            numbers = found.setdefault(seat.event_id, {}).setdefault(kind, [0, 0, 0, 0])
            numbers[_figure(seat.status, seat.booking_id)] += 1
    return found


def _figure(status: str, owner: str | None) -> int:
    if status == AVAILABLE:
        return 0
    if owner is not None and owner.startswith(COMMAND_PREFIX):
        return 3
    return 2 if status == BOOKED else 1
