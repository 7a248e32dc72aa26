"""Which outcomes are told as what, and that a delivery's id is the same whenever it is made."""

import json

import pytest

from contracts.moments import moment_text
from contracts.webhooks import NoticeType
from tests.unit.webhooks.outcomes import AT, outcome, step
from webhooks import notices
from webhooks.notices import Facts, booking_notice, delivery_id, type_of
from webhooks.rows import Outcome

KNOWN = Facts(
    {"bk_1": "p_anna"}, frozenset({"bk_1"}), {("concert", "A1"): (5_000, "EUR"), ("concert", "A2"): (700, "EUR")}
)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (outcome(), NoticeType.BOOKING_CONFIRMED),
        (outcome(became="h"), None),
        (outcome(status="rejected", reason="seat_taken", changes=[]), None),
        (step(2, "settle_payment", "bk_1", "confirmed", "b"), NoticeType.BOOKING_CONFIRMED),
        (step(2, "start_payment", "bk_1", "paying", "h"), None),
        (step(2, "cancel_booking", "bk_1", "cancelled", "a"), NoticeType.BOOKING_CANCELLED),
        (step(2, "call_off", "bk_1", "cancelled", "a"), NoticeType.BOOKING_CANCELLED),
        (step(2, "cancel_booking", "bk_1", "confirmed", "a", left=1), NoticeType.BOOKING_CANCELLED),
        (step(2, "cancel_booking", "bk_2", "cancelled", "a"), None),  # it was held, and never confirmed
        (step(2, "cancel_booking", "bk_2", "held", "a", left=1), None),
        (step(2, "expire", "bk_1", "expired", "a"), None),
        (step(2, "offer", "of_1", "offered", "h"), None),
        (step(2, "expire", "of_1", "expired", "a"), None),
        (outcome(kind="block_seats", status="done", became="h"), None),
    ],
)
def test_an_outcome_is_told_as_what_its_seats_became(row: Outcome, told: NoticeType | None) -> None:
    assert type_of(row, KNOWN.confirmed) == told


def test_what_is_told_says_what_changed_and_nothing_of_a_person() -> None:
    notice = booking_notice(step(2, "cancel_booking", "bk_1", "confirmed", "a", seats=2, left=1), KNOWN)
    assert notice is not None
    body = json.loads(notices.body_of(notice))
    assert body["timestamp"] == "2027-01-02T03:04:05.678Z"
    assert body["data"] == {
        "position": "745-2",
        "event_id": "concert",
        "booking_id": "bk_1",
        "principal": "p_anna",
        "seat_ids": ["A1", "A2"],
        "remaining_seat_ids": ["B0"],
        "reason": "by_customer",
        "amount_minor": 5_700,
        "currency": "EUR",
    }


@pytest.mark.parametrize("prices", [{}, {("concert", "A1"): (5_000, "EUR"), ("concert", "A2"): (700, "CHF")}])
def test_an_amount_that_is_not_of_all_seats_in_one_currency_is_none(
    prices: dict[tuple[str, str], tuple[int, str]],
) -> None:
    notice = booking_notice(outcome(seats=2), Facts(prices=prices))
    assert notice is not None
    assert notice.model_dump()["data"]["amount_minor"] is None


def test_an_id_is_of_ledger_place_type_and_webhook_and_has_no_full_stop() -> None:
    one = delivery_id("ledger", "745-1", NoticeType.BOOKING_CONFIRMED, "wh_1")
    assert one == delivery_id("ledger", "745-1", NoticeType.BOOKING_CONFIRMED, "wh_1")
    others = {
        delivery_id("another", "745-1", NoticeType.BOOKING_CONFIRMED, "wh_1"),
        delivery_id("ledger", "745-2", NoticeType.BOOKING_CONFIRMED, "wh_1"),
        delivery_id("ledger", "745-1", NoticeType.EVENT_SOLD_OUT, "wh_1"),
        delivery_id("ledger", "745-1", NoticeType.BOOKING_CONFIRMED, "wh_2"),
    }
    assert len({one, *others}) == 5
    assert "." not in one  # it would end the id within what is signed


def test_what_is_sold_out_says_when() -> None:
    body = json.loads(notices.body_of(notices.sold_out_notice(outcome(3), 12)))
    assert body["data"] == {"position": "745-3", "event_id": "concert", "seats_total": 12}
    assert body["timestamp"] == moment_text(AT)
