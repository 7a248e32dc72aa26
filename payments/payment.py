"""A payment: one attempt to pay for a booking, as far as it is known here, and how what we learn changes it. Pure.

``store`` keeps it, ``steps`` decides what is next. Each change is a function of the payment as it is then, whoever
learned it and in which order: the ledger's word counts by the booking's version, the provider's only ever goes forward.
So a repeated webhook, a late answer and a row of the feed that is read again change nothing (test:
``test_what_is_learned_twice_or_late_changes_nothing``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from contracts.outcomes import BookingStatus, Reason
from payments.provider import Answer, IntentStatus

Result = Literal["authorised", "declined"]

_RANK: Final[dict[IntentStatus | None, int]] = {
    None: 0,
    IntentStatus.PROCESSING: 1,
    IntentStatus.AUTHORISED: 2,
    IntentStatus.DECLINED: 2,
    IntentStatus.VOIDED: 3,
    IntentStatus.CAPTURED: 3,
}
"""An intent never goes back, so of two answers the one that is further is the later one."""


class Booking(NamedTuple):
    """What the ledger says of the booking, as last read."""

    status: BookingStatus
    reason: Reason | None
    seat_ids: Sequence[str]
    version: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt. Times are this room's clock in milliseconds since the epoch, amounts in minor units.

    ``prices``: one a seat, fixed when it started; ``token``: sealed, gone once the provider has answered;
    ``superseded``: a later attempt was started; ``ended_at_ms``: when the booking was first seen to pay no more;
    ``asked``: whether an authorisation may have been asked for; ``known_in_time``: whether the provider had the intent
    while the booking was still paying; ``refund_asked_minor``: the sum of all refunds that were asked for;
    ``told``: what was put on its way to the log, ``acknowledged``: whether the log has it, ``refused``: whether the
    worker would not have it.
    """

    booking_id: str
    attempt: int
    partition: int
    token: str | None
    currency: str | None
    seat_ids: Sequence[str]
    prices: Sequence[int]
    booking: Booking
    superseded: bool = False
    ended_at_ms: int | None = None
    asked: bool = False
    known_in_time: bool = False
    heard_at_ms: int | None = None
    intent_id: str | None = None
    status: IntentStatus | None = None
    captured_minor: int = 0
    refunded_minor: int = 0
    refund_asked_minor: int = 0
    told: Result | None = None
    acknowledged: bool = False
    refused: bool = False

    @property
    def key(self) -> str:
        """The provider's idempotency key: the booking's id, and which attempt where it is not the first."""
        return self.booking_id if self.attempt == 1 else f"{self.booking_id}-{self.attempt}"

    @property
    def amount_minor(self) -> int:
        """What the booking cost when the payment started."""
        return sum(self.prices)

    @property
    def is_paying(self) -> bool:
        """Whether the booking waits for this payment."""
        return not self.superseded and self.booking.status is BookingStatus.PAYING

    @property
    def is_confirmed(self) -> bool:
        """Whether this payment is what confirmed the booking, which still has seats."""
        return not self.superseded and self.booking.status is BookingStatus.CONFIRMED

    @property
    def owed_minor(self) -> int:
        """What the seats cost that the booking has by this payment."""
        if not self.is_confirmed:
            return 0
        kept = set(self.booking.seat_ids)
        return sum(price for seat_id, price in zip(self.seat_ids, self.prices, strict=True) if seat_id in kept)


def seen(payment: Payment, booking: Booking, now_ms: int) -> Payment:
    """Take in what the ledger says of the booking; an older word than the last one is passed over."""
    if booking.version <= payment.booking.version:
        return payment
    ended = payment.ended_at_ms
    if ended is None and booking.status is not BookingStatus.PAYING:
        ended = now_ms
    never_asked = ended is not None and not payment.asked
    return replace(payment, booking=booking, ended_at_ms=ended, token=None if never_asked else payment.token)


def superseded(payment: Payment, attempt: int) -> Payment:
    """Take in that an attempt was started."""
    return replace(payment, superseded=True) if attempt > payment.attempt else payment


def heard(payment: Payment, answer: Answer, now_ms: int) -> Payment:
    """Take in what the provider says, in an answer or a webhook."""
    further = _RANK[answer.status] > _RANK[payment.status]
    return replace(
        payment,
        status=answer.status if further else payment.status,
        intent_id=payment.intent_id or answer.intent_id or None,
        token=None,
        known_in_time=payment.known_in_time or (payment.status is None and payment.is_paying),
        heard_at_ms=max(now_ms, payment.heard_at_ms or 0),
        captured_minor=max(payment.captured_minor, answer.captured_minor),
        refunded_minor=max(payment.refunded_minor, answer.refunded_minor),
    )


def told(payment: Payment) -> Payment:
    """Take in that the log has what we told it."""
    return replace(payment, acknowledged=True)


def recalled(payment: Payment) -> Payment:
    """Take in that the log has an authorisation of ours which we know nothing of: a backup took the place of what we
    knew. The provider was asked then, and is asked again, under the same key."""  # noqa: D205, D209 - two
    if payment.told is not None:
        return payment
    return replace(payment, asked=True, told="authorised", acknowledged=True)


def refused(payment: Payment) -> Payment:
    """Take in that the worker would not have what we told it."""
    return replace(payment, refused=True)
