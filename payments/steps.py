"""Steps: what is to be done next about a payment, as a pure function of what is known of it and of the time.

``cashier`` enters here before everything that it does, and does nothing else. The order of money and booking is held
here (test: ``test_no_interleaving_captures_what_is_not_confirmed_or_twice_or_refunds_too_much``):

- authorise while the booking is paying, then tell the log, then capture once the ledger says ``confirmed``;
- what was told to the log is waited for: until the worker has said what became of it, nothing is voided;
- an authorisation that the booking does not wait for is voided, also one that we may have asked for and do not know of:
  it is asked for again under its key, so that it is known, and then voided;
- what was captured and is no longer owed is refunded, one refund at a time.

``before`` says what must be on record before a step is made: whoever crashes right after it makes the same step again.
"""

from dataclasses import replace
from typing import Final, NamedTuple

from contracts.outcomes import BookingStatus, Reason
from payments.payment import Payment, Result
from payments.provider import IntentStatus

ASK_AFTER_MS: Final = 2_000
"""How long a payment may be processing before we ask what became of it: a webhook that got lost costs so much."""
ASK_LATE_AFTER_MS: Final = 10_000
"""The same once its booking has expired: nobody waits at the counter any more."""
LATE_MS: Final = 300_000
"""How long after its booking expired a payment may still come and take the seats, if they are free. Whoever was told
``expired`` longer ago than this must not find money taken."""


class Rest(NamedTuple):
    """Nothing to do until something is learned, or until ``until_ms``."""

    until_ms: int | None = None


class Authorise(NamedTuple):
    """Have the amount reserved."""


class Ask(NamedTuple):
    """Ask where the intent stands."""


class Tell(NamedTuple):
    """Put on the log what the provider said."""

    result: Result


class Capture(NamedTuple):
    """Take what was reserved."""


class Void(NamedTuple):
    """Let go of what was reserved."""


class Refund(NamedTuple):
    """Give ``amount_minor`` back; ``total_minor``: all refunds together, by which this one has its key."""

    amount_minor: int
    total_minor: int


Step = Rest | Authorise | Ask | Tell | Capture | Void | Refund

REST: Final = Rest()


def next_step(payment: Payment, now_ms: int) -> Step:
    """Return what is to be done."""
    if payment.told is not None and not payment.acknowledged:
        return Tell(payment.told)  # it may be on the log already: there it counts once, by its id
    if payment.amount_minor == 0:  # no provider is asked about nothing
        return _tell(payment, "authorised") if payment.is_paying else REST
    return _by_intent(payment, now_ms)


def before(payment: Payment, step: Step) -> Payment:
    """Return the payment as it must be on record before the step is made."""
    match step:
        case Authorise():
            return replace(payment, asked=True)
        case Tell():
            return replace(payment, told=step.result)
        case Refund():
            return replace(payment, refund_asked_minor=step.total_minor)
        case _:
            return payment


def _by_intent(payment: Payment, now_ms: int) -> Step:
    match payment.status:
        case None:
            return Authorise() if payment.is_paying or payment.asked else REST
        case IntentStatus.PROCESSING:
            return _processing(payment, now_ms)
        case IntentStatus.AUTHORISED:
            return _authorised(payment, now_ms)
        case IntentStatus.DECLINED | IntentStatus.VOIDED:
            return _tell(payment, "declined") if payment.is_paying else REST
        case IntentStatus.CAPTURED:
            return _captured(payment)


def _processing(payment: Payment, now_ms: int) -> Step:
    # Confirmed as well: then the log has an authorisation that a backup forgot, and the provider knows of it.
    if payment.is_paying or payment.is_confirmed:
        pause_ms = ASK_AFTER_MS
    elif _may_be_late(payment, now_ms):
        pause_ms = ASK_LATE_AFTER_MS
    else:
        return Void()
    ask_at_ms = (payment.heard_at_ms or 0) + pause_ms
    return Ask() if now_ms >= ask_at_ms else Rest(ask_at_ms)


def _authorised(payment: Payment, now_ms: int) -> Step:
    if payment.is_confirmed:
        return Capture()
    if payment.superseded or payment.refused:
        return Void()
    if payment.is_paying:
        return _tell(payment, "authorised")
    if _has_expired(payment) and payment.told == "authorised":
        return REST  # on the log, and not decided yet
    return Tell("authorised") if payment.told is None and _may_be_late(payment, now_ms) else Void()


def _captured(payment: Payment) -> Step:
    if payment.refund_asked_minor > payment.refunded_minor:  # asked for, and not known: the same again
        total_minor = payment.refund_asked_minor
    else:
        total_minor = payment.captured_minor - payment.owed_minor
    amount_minor = total_minor - payment.refunded_minor
    return Refund(amount_minor, total_minor) if amount_minor > 0 else REST


def _tell(payment: Payment, result: Result) -> Step:
    return Tell(result) if payment.told is None else REST


def _has_expired(payment: Payment) -> bool:
    """Whether the booking has ended by time alone, so that the worker would still give it its seats."""
    booking = payment.booking
    return (
        not payment.superseded and booking.status is BookingStatus.EXPIRED and booking.reason is not Reason.PAYMENT_LATE
    )


def _may_be_late(payment: Payment, now_ms: int) -> bool:
    return (
        _has_expired(payment)
        and payment.known_in_time
        and payment.ended_at_ms is not None
        and now_ms < payment.ended_at_ms + LATE_MS
    )
