"""The checker of money: what the provider has of each booking, against the seats that it has. Pure.

It knows a price a seat and nothing of how a payment goes. While a booking is ``paying`` nothing can be said but that it
must not stay so: who calls asks again until everything had its time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.faults.run.evidence import Evidence, Intent

_RESERVED = frozenset({"requires_capture", "processing"})


def check(prices: Mapping[str, int], evidence: Evidence) -> Iterator[str]:
    """Yield a sentence for each booking whose money is not what its seats cost. ``prices``: of a seat, by event."""
    intents: dict[str, list[Intent]] = defaultdict(list)
    for intent in evidence.intents:
        intents[intent.booking_id].append(intent)
    owed, paying = _owed(prices, evidence)
    for booking_id in paying:
        yield f"stuck: {booking_id} is still paying"
    for booking_id in sorted(intents.keys() | owed.keys()):
        if booking_id in paying:
            continue
        net = sum(intent.captured_minor - intent.refunded_minor for intent in intents[booking_id])
        costs = owed.get(booking_id, 0)
        if net > costs:
            yield f"money without seat: {net} were taken for {booking_id}, whose seats cost {costs}"
        if net < costs:
            yield f"seat without money: {booking_id} has seats for {costs}, and {net} were taken"
        for intent in intents[booking_id]:
            if intent.status in _RESERVED:
                yield f"money without seat: attempt {intent.attempt} of {booking_id} is {intent.status} for ever"


def _owed(prices: Mapping[str, int], evidence: Evidence) -> tuple[dict[str, int], set[str]]:
    """Return what each confirmed booking costs, and which bookings are being paid."""
    owed: dict[str, int] = {}
    paying: set[str] = set()
    for outcome in evidence.outcomes:
        booking_id, status, seat_ids = outcome.becomes
        if outcome.event_id not in prices or not status:
            continue
        owed[booking_id] = prices[outcome.event_id] * len(seat_ids) if status == "confirmed" else 0
        paying.discard(booking_id)
        if status == "paying":
            paying.add(booking_id)
    return owed, paying
