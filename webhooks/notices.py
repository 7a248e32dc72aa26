"""Notices: which outcomes organisers are told of, and what is said. Pure; ``telling`` enters here.

**Confirmed**: seats became booked, at once or when the payment went through. **Cancelled**: seats of a booking that had
been confirmed were given back, all or some, by whomever. A hold that ends, in whatever way, was nobody's booking yet:
it is not told. **Sold out** is ``webhooks.availability``'s to find.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from contracts.ids import OFFER_PREFIX
from contracts.moments import moment_text
from contracts.outcomes import BookingStatus, Status
from contracts.seat_status import AVAILABLE, BOOKED
from contracts.webhooks import BookingData, Notice, NoticeType, SoldOutData
from webhooks.rows import Outcome

DELIVERY_PREFIX: Final = "msg_"

_OF_AN_OFFER: Final = f"{OFFER_PREFIX}_"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows do not say themselves.

    ``principals``: whose bookings are, by id; ``confirmed``: bookings that were confirmed at some time; ``prices``: of
    a seat, by event and seat id, in minor units and their currency.
    """

    principals: Mapping[str, str | None] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    prices: Mapping[tuple[str, str], tuple[int | None, str | None]] = field(default_factory=dict)


def type_of(row: Outcome, confirmed: Iterable[str]) -> NoticeType | None:
    """Return what is told of a booking because of ``row``, if anything. ``confirmed``: as in ``Facts``."""
    if row.about is None or row.about.startswith(_OF_AN_OFFER) or not row.changes:
        return None
    became = {status for _block, _position, status, _version in row.changes}
    status = row.status if row.is_request else row.booking_status
    if BOOKED in became and status in (Status.CONFIRMED, BookingStatus.CONFIRMED):
        return NoticeType.BOOKING_CONFIRMED
    if AVAILABLE in became and row.booking_status in (BookingStatus.CANCELLED, BookingStatus.CONFIRMED):
        return NoticeType.BOOKING_CANCELLED if row.about in confirmed else None
    return None


def gives_back(row: Outcome) -> bool:
    """Whether it must be known if the booking had been confirmed."""
    return type_of(row, [row.about or ""]) is NoticeType.BOOKING_CANCELLED


def booking_notice(row: Outcome, facts: Facts) -> Notice | None:
    """Return what is told of a booking because of ``row``, if anything."""
    kind = type_of(row, facts.confirmed)
    if kind is None or row.about is None:
        return None
    given_back = kind is NoticeType.BOOKING_CANCELLED
    whole = row.booking_status is BookingStatus.CANCELLED
    amount_minor, currency = _amount(row, facts)
    data = BookingData(
        position=row.position_text,
        event_id=row.event_id,
        booking_id=row.about,
        principal=row.principal if row.is_request else facts.principals.get(row.about),
        seat_ids=row.seat_ids,
        remaining_seat_ids=row.booking["seat_ids"] if given_back and not whole and row.booking else [],
        reason=row.booking["reason"] if given_back and row.booking else None,
        amount_minor=amount_minor,
        currency=currency,
    )
    return Notice(type=kind, timestamp=moment_text(row.decided_at), data=data)


def sold_out_notice(row: Outcome, seats_total: int) -> Notice:
    """Return what is told when ``row`` took an event's last available seat."""
    data = SoldOutData(position=row.position_text, event_id=row.event_id, seats_total=seats_total)
    return Notice(type=NoticeType.EVENT_SOLD_OUT, timestamp=moment_text(row.decided_at), data=data)


def test_notice(webhook_id: str, now: datetime) -> Notice:
    """Return what an endpoint is told when its owner wants to see whether it hears."""
    return Notice(type=NoticeType.TEST, timestamp=moment_text(now), data={"webhook_id": webhook_id})


def body_of(notice: Notice) -> str:
    """Return the bytes that are signed and sent, as text."""
    return orjson.dumps(notice.model_dump()).decode()


def delivery_id(incarnation: str, position: str, kind: NoticeType, webhook_id: str) -> str:
    """Return the id of the delivery of what happened at ``position`` of a ledger: the same whenever it is made.

    A restored ledger gives positions anew to other outcomes, so it is of its incarnation as well.
    """
    digest = hashlib.sha256(f"{incarnation} {position} {kind} {webhook_id}".encode()).hexdigest()
    return DELIVERY_PREFIX + digest[:32]


def _amount(row: Outcome, facts: Facts) -> tuple[int | None, str | None]:
    found: list[Any] = [facts.prices.get((row.event_id, seat_id), (None, None)) for seat_id in row.seat_ids]
    currencies = {currency for price_minor, currency in found if price_minor is not None}
    if len(currencies) != 1 or any(price_minor is None for price_minor, _currency in found):
        return None, None
    return sum(price_minor for price_minor, _currency in found), currencies.pop()
