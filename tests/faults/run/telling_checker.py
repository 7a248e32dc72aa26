"""The checker of deliveries: what an organiser's receiver was told, against what became of the bookings. Pure.

At least once, and never what did not happen. Which outcome a delivery names is not looked at: after a restore the same
is decided again at another place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.faults.run.evidence import HAS_SEATS, Evidence, Outcome, Told

CONFIRMED, CANCELLED, SOLD_OUT = "booking.confirmed", "booking.cancelled", "event.sold_out"


class Happened(NamedTuple):
    """What is to be told: of a booking its seats, of an event that it was sold out."""

    kind: str
    about: str
    seat_ids: frozenset[str] = frozenset()


def invented(evidence: Evidence) -> Iterator[str]:
    """Yield a sentence for each delivery of what never was, or that is not the same each time."""
    happened = _happened(evidence)
    bodies: dict[str, str] = {}
    for told in evidence.told:
        if bodies.setdefault(told.delivery_id, told.body) != told.body:
            yield f"doubled: {told.delivery_id} said two things"
        if _said(told) not in happened:
            yield f"invented: {told.delivery_id} told of {told.kind} of {told.booking_id or told.event_id}"


def untold(evidence: Evidence) -> list[str]:
    """Return a sentence for each thing that nobody was told of; once everything had its time."""
    missing = _happened(evidence) - set(map(_said, evidence.told))
    return [f"lost: nobody was told of {one.kind} of {one.about}" for one in sorted(missing, key=lambda one: one[:2])]


def _said(told: Told) -> Happened:
    if told.kind == SOLD_OUT:
        return Happened(SOLD_OUT, told.event_id)
    return Happened(told.kind, told.booking_id, frozenset(told.seat_ids))


def _happened(evidence: Evidence) -> set[Happened]:
    return {*_of_bookings(evidence.outcomes), *_sold_out(evidence)}


def _of_bookings(outcomes: Iterable[Outcome]) -> Iterator[Happened]:
    had: dict[str, frozenset[str]] = defaultdict(frozenset)
    confirmed: set[str] = set()
    for outcome in outcomes:
        booking_id, status, seat_ids = outcome.becomes
        if not status:
            continue
        seats = frozenset(seat_ids if status in HAS_SEATS else ())
        if status == "confirmed" and booking_id not in confirmed:
            confirmed.add(booking_id)
            yield Happened(CONFIRMED, booking_id, seats)
        elif booking_id in confirmed and had[booking_id] - seats:
            yield Happened(CANCELLED, booking_id, had[booking_id] - seats)
        had[booking_id] = seats


def _sold_out(evidence: Evidence) -> Iterator[Happened]:
    """An event is sold out when no seat is left, held ones counted as gone."""
    taken: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for outcome in evidence.outcomes:
        about, status, seat_ids = outcome.becomes
        if not status:
            continue
        hall = taken[outcome.event_id]
        hall[about] = frozenset(seat_ids if status in HAS_SEATS else ())
        if hall[about] and len(frozenset().union(*hall.values())) == evidence.halls.get(outcome.event_id):
            yield Happened(SOLD_OUT, outcome.event_id)
