"""What is next about a payment: each state that it can be in, and what is on record before anything is asked."""

from dataclasses import replace

import pytest

from contracts.outcomes import BookingStatus, Reason
from payments.payment import Booking, Payment, heard, recalled, refused, seen, superseded, told
from payments.provider import Answer, IntentStatus
from payments.steps import (
    ASK_AFTER_MS,
    LATE_MS,
    REST,
    Ask,
    Authorise,
    Capture,
    Refund,
    Rest,
    Step,
    Tell,
    Void,
    before,
    next_step,
)

NOW_MS = 1_800_000_000_000
SEATS = ("A1", "A2")
PAYING = Booking(BookingStatus.PAYING, None, SEATS, 2)
CONFIRMED = Booking(BookingStatus.CONFIRMED, None, SEATS, 3)
EXPIRED = Booking(BookingStatus.EXPIRED, Reason.HOLD_EXPIRED, SEATS, 3)
LATE = Booking(BookingStatus.EXPIRED, Reason.PAYMENT_LATE, SEATS, 4)
CANCELLED = Booking(BookingStatus.CANCELLED, Reason.BY_CUSTOMER, SEATS, 4)
HELD = Booking(BookingStatus.HELD, Reason.PAYMENT_DECLINED, SEATS, 3)

NEW = Payment("bk_1", 1, 0, "sealed", "EUR", SEATS, (1_500, 900), PAYING)
ASKED = replace(NEW, asked=True)


def at(status: IntentStatus, payment: Payment = ASKED, **amounts: int) -> Payment:
    return heard(payment, Answer("pi_1", status, **amounts), NOW_MS)


AUTHORISED = at(IntentStatus.AUTHORISED)
TOLD = told(before(AUTHORISED, Tell("authorised")))
PROCESSING = at(IntentStatus.PROCESSING)
CAPTURED = at(IntentStatus.CAPTURED, seen(TOLD, CONFIRMED, NOW_MS), captured_minor=2_400)


@pytest.mark.parametrize(
    ("payment", "step"),
    [
        (NEW, Authorise()),
        (seen(NEW, CANCELLED, NOW_MS), REST),
        (seen(ASKED, EXPIRED, NOW_MS), Authorise()),
        (at(IntentStatus.AUTHORISED, seen(ASKED, EXPIRED, NOW_MS)), Void()),
        (AUTHORISED, Tell("authorised")),
        (before(AUTHORISED, Tell("authorised")), Tell("authorised")),
        (TOLD, REST),
        (seen(TOLD, CONFIRMED, NOW_MS), Capture()),
        (seen(TOLD, EXPIRED, NOW_MS), REST),
        (seen(TOLD, LATE, NOW_MS), Void()),
        (seen(TOLD, CANCELLED, NOW_MS), Void()),
        (refused(seen(TOLD, EXPIRED, NOW_MS)), Void()),
        (superseded(seen(AUTHORISED, EXPIRED, NOW_MS), 2), Void()),
        (superseded(seen(TOLD, CONFIRMED, NOW_MS), 2), Void()),
        (seen(AUTHORISED, EXPIRED, NOW_MS), Tell("authorised")),
        (seen(AUTHORISED, EXPIRED, NOW_MS - LATE_MS), Void()),
        (at(IntentStatus.DECLINED), Tell("declined")),
        (at(IntentStatus.VOIDED), Tell("declined")),
        (seen(at(IntentStatus.DECLINED), HELD, NOW_MS), REST),
        (PROCESSING, Rest(NOW_MS + ASK_AFTER_MS)),
        (replace(PROCESSING, heard_at_ms=NOW_MS - ASK_AFTER_MS), Ask()),
        (seen(PROCESSING, CANCELLED, NOW_MS), Void()),
        (seen(PROCESSING, EXPIRED, NOW_MS - LATE_MS), Void()),
        (seen(at(IntentStatus.VOIDED), EXPIRED, NOW_MS), REST),
        (CAPTURED, REST),
        (seen(CAPTURED, CANCELLED, NOW_MS), Refund(2_400, 2_400)),
        (seen(CAPTURED, Booking(BookingStatus.CONFIRMED, None, ("A2",), 4), NOW_MS), Refund(1_500, 1_500)),
    ],
)
def test_what_is_next(payment: Payment, step: Step) -> None:
    assert next_step(payment, NOW_MS) == step


def test_what_costs_nothing_is_told_at_once_and_no_provider_is_asked() -> None:
    free = replace(NEW, currency=None, prices=(0, 0))

    assert next_step(free, NOW_MS) == Tell("authorised")
    assert next_step(told(before(free, Tell("authorised"))), NOW_MS) == REST
    assert next_step(seen(free, CANCELLED, NOW_MS), NOW_MS) == REST


def test_a_refund_that_is_not_known_is_asked_for_again_before_another() -> None:
    one_back = seen(CAPTURED, Booking(BookingStatus.CONFIRMED, None, ("A2",), 4), NOW_MS)
    asked = before(one_back, Refund(1_500, 1_500))
    all_back = seen(asked, CANCELLED._replace(version=5), NOW_MS)

    assert next_step(all_back, NOW_MS) == Refund(1_500, 1_500)
    known = at(IntentStatus.CAPTURED, all_back, captured_minor=2_400, refunded_minor=1_500)
    assert next_step(known, NOW_MS) == Refund(900, 2_400)


def test_what_is_learned_twice_or_late_changes_nothing() -> None:
    refunded = at(IntentStatus.CAPTURED, CAPTURED, captured_minor=2_400, refunded_minor=900)

    for old in (IntentStatus.PROCESSING, IntentStatus.AUTHORISED, IntentStatus.VOIDED, IntentStatus.CAPTURED):
        assert at(old, refunded) == refunded
    assert seen(refunded, PAYING, NOW_MS) == refunded
    assert superseded(refunded, 1) == refunded


def test_the_token_is_forgotten_once_the_provider_has_answered_or_never_will_be_asked() -> None:
    assert AUTHORISED.token is None
    assert seen(NEW, CANCELLED, NOW_MS).token is None
    assert seen(ASKED, CANCELLED, NOW_MS).token == NEW.token, "what became of it is asked under it again"


def test_a_booking_that_is_paid_anew_has_another_key() -> None:
    assert (NEW.key, replace(NEW, attempt=2).key) == ("bk_1", "bk_1-2")


def test_an_authorisation_that_the_log_has_and_a_backup_has_not_is_asked_for_again_and_ends_as_it_must() -> None:
    confirmed = seen(recalled(NEW), CONFIRMED, NOW_MS)
    assert next_step(confirmed, NOW_MS) == Authorise()
    assert confirmed.token == NEW.token
    assert next_step(at(IntentStatus.AUTHORISED, confirmed), NOW_MS) == Capture()
    assert next_step(at(IntentStatus.CAPTURED, confirmed, captured_minor=2_400), NOW_MS) == REST
    cancelled = seen(confirmed, CANCELLED, NOW_MS)
    assert next_step(at(IntentStatus.AUTHORISED, cancelled), NOW_MS) == Void()
    assert next_step(at(IntentStatus.CAPTURED, cancelled, captured_minor=2_400), NOW_MS) == Refund(2_400, 2_400)
    assert recalled(TOLD) == TOLD


def test_a_payment_that_a_backup_has_as_under_way_and_the_log_as_authorised_is_asked_for_and_taken() -> None:
    confirmed = seen(recalled(PROCESSING), CONFIRMED, NOW_MS)
    assert next_step(confirmed, NOW_MS) == Rest(NOW_MS + ASK_AFTER_MS)
    assert next_step(confirmed, NOW_MS + ASK_AFTER_MS) == Ask()
    assert next_step(at(IntentStatus.AUTHORISED, confirmed), NOW_MS) == Capture()
