"""Paying: what customers see at the gateway, and what the provider has taken, whatever the token and whoever races."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.e2e.asking import key
from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem

PRICE = 2_500
PAYING_S = 60
"""How long a payment keeps the seats."""
LATE_AFTER_S = 66
"""When the bank says yes to those that are too late: some seconds after their bookings have expired."""


@dataclass(frozen=True)
class Late:
    """Two bookings whose payments are authorised after they have expired."""

    event_id: str
    free_again: str
    taken_by_others: str
    started_at: float


@pytest.fixture(scope="module", autouse=True)
def late(frontrow: Frontrow) -> Late:
    """What takes a minute is begun first, and looked at in the last tests."""
    event_id = frontrow.new_event(hold_seconds=5, price_minor=PRICE)
    free_again, taken = (frontrow.accept(event_id, seat_id) for seat_id in ("A1", "A2"))
    for booking_id in (free_again, taken):
        frontrow.outcome(booking_id)
        assert frontrow.command(frontrow.pay(booking_id, f"tok_late_{LATE_AFTER_S}"))["status"] == "done"
    return Late(event_id, free_again, taken, time.monotonic())


@pytest.fixture(scope="module")
def event_id(frontrow: Frontrow) -> str:
    return frontrow.new_event(rows=4, seats_a_row=40, hold_seconds=120, price_minor=PRICE)


@pytest.fixture
def held(frontrow: Frontrow, event_id: str) -> Callable[..., Document]:
    def hold(*seat_ids: str) -> Document:
        booking = frontrow.outcome(frontrow.accept(event_id, *seat_ids))
        assert booking["status"] == "held", booking
        return booking

    return hold


def has_taken(frontrow: Frontrow, booking_id: str, *expected: tuple[str, int, int]) -> None:
    def taken() -> None:
        assert frontrow.intents(booking_id) == list(expected)

    eventually(taken)


def test_every_token_that_is_good_confirms_and_is_captured_once(
    frontrow: Frontrow, held: Callable[..., Document]
) -> None:
    tokens = ("tok_success", "tok_slow", "tok_webhook_twice", "tok_webhook_first", "tok_bad_signature")
    bookings = [held(f"A{n}", f"B{n}")["booking_id"] for n in range(1, len(tokens) + 1)]
    for booking_id, token in zip(bookings, tokens, strict=True):
        assert frontrow.command(frontrow.pay(booking_id, token))["status"] == "done"
    for booking_id in bookings:
        paid = frontrow.becomes(booking_id, "confirmed")
        assert paid["expires_at"] is None
        has_taken(frontrow, booking_id, ("succeeded", 2 * PRICE, 0))


@pytest.mark.parametrize(
    ("token", "seat"), [("tok_declined", "A10"), ("tok_slow_declined", "A11"), ("tok_junk", "A12")]
)
def test_a_payment_that_is_declined_leaves_the_hold_and_may_be_made_anew(
    frontrow: Frontrow, held: Callable[..., Document], token: str, seat: str
) -> None:
    booking = held(seat)
    booking_id = booking["booking_id"]
    frontrow.command(frontrow.pay(booking_id, token))
    declined = frontrow.becomes(booking_id, "held", "payment_declined")
    assert declined["expires_at"] == booking["expires_at"]
    frontrow.command(frontrow.pay(booking_id))
    frontrow.becomes(booking_id, "confirmed")
    eventually(lambda: _is(frontrow.intents(booking_id)[-1], ("succeeded", PRICE, 0)))
    assert sum(received for _, received, _ in frontrow.intents(booking_id)) == PRICE


def _is(found: object, expected: object) -> None:
    assert found == expected


def test_what_is_given_back_is_refunded_to_the_cent_seat_by_seat(
    frontrow: Frontrow, held: Callable[..., Document]
) -> None:
    booking_id = held("A15", "A16", "A17")["booking_id"]
    frontrow.command(frontrow.pay(booking_id))
    frontrow.becomes(booking_id, "confirmed")
    url = f"/api/bookings/{booking_id}"
    assert frontrow.command(frontrow.client.delete(f"{url}?seat_id=A16"))["status"] == "done"
    has_taken(frontrow, booking_id, ("succeeded", 3 * PRICE, PRICE))
    assert frontrow.command(frontrow.client.delete(url))["status"] == "done"
    assert frontrow.command(frontrow.client.delete(url))["status"] == "done", "twice is harmless"
    frontrow.becomes(booking_id, "cancelled", "by_customer")
    has_taken(frontrow, booking_id, ("succeeded", 3 * PRICE, 3 * PRICE))


def test_who_cancels_while_paying_pays_nothing(frontrow: Frontrow, held: Callable[..., Document]) -> None:
    booking_id = held("A20")["booking_id"]
    frontrow.command(frontrow.pay(booking_id, "tok_late_3600"))
    frontrow.becomes(booking_id, "paying")
    has_taken(frontrow, booking_id, ("processing", 0, 0))
    assert frontrow.command(frontrow.client.delete(f"/api/bookings/{booking_id}"))["status"] == "done"
    has_taken(frontrow, booking_id, ("canceled", 0, 0))


def test_a_cancel_that_races_the_payment_gives_seats_and_money_back_or_none(
    frontrow: Frontrow, held: Callable[..., Document], event_id: str
) -> None:
    seats = [f"C{n}" for n in range(1, 13)]
    bookings = [held(seat)["booking_id"] for seat in seats]

    def pay_and_cancel(number: int, booking_id: str) -> None:
        with httpx.Client(base_url=frontrow.instance.gateway_url, timeout=10) as client:
            client.post(f"/api/bookings/{booking_id}/payment", json={"payment_token": "tok_success"})
            time.sleep(number * 0.03)  # the race itself: each cancel meets another moment of its payment
            client.delete(f"/api/bookings/{booking_id}")

    racing = [threading.Thread(target=pay_and_cancel, args=one) for one in enumerate(bookings)]
    for thread in racing:
        thread.start()
    for thread in racing:
        thread.join()
    for booking_id, seat in zip(bookings, seats, strict=True):
        frontrow.becomes(booking_id, "cancelled", "by_customer")

        def nothing_is_kept(booking_id: str = booking_id) -> None:
            for status, received, refunded in frontrow.intents(booking_id):
                assert (status, received - refunded) in {("canceled", 0), ("succeeded", 0)}

        eventually(nothing_is_kept)
        again = frontrow.outcome(frontrow.accept(event_id, seat))
        assert again["status"] == "held", "its seat is free, once"


def test_what_costs_nothing_is_confirmed_without_asking_a_provider(frontrow: Frontrow) -> None:
    booking_id = frontrow.accept(frontrow.new_event(hold_seconds=60), "A1")
    frontrow.outcome(booking_id)
    frontrow.command(frontrow.pay(booking_id))
    frontrow.becomes(booking_id, "confirmed")
    assert frontrow.intents(booking_id) == []


def test_a_payment_after_the_hold_takes_the_seats_if_they_are_free_and_else_nothing(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=5, price_minor=PRICE)
    free, lost = (frontrow.accept(event_id, seat) for seat in ("A1", "A2"))
    for booking_id in (free, lost):
        frontrow.becomes(booking_id, "expired", "hold_expired")
    frontrow.command(frontrow.pay(free))
    frontrow.becomes(free, "confirmed")
    has_taken(frontrow, free, ("succeeded", PRICE, 0))
    frontrow.outcome(frontrow.accept(event_id, "A2"))
    refused = frontrow.command(frontrow.pay(lost))
    assert (refused["status"], refused["reason"]) == ("refused", "payment_late")
    frontrow.becomes(lost, "expired", "payment_late")
    assert frontrow.intents(lost) == []


def test_a_payment_sent_again_under_its_key_is_one_payment(frontrow: Frontrow, held: Callable[..., Document]) -> None:
    booking_id = held("A25")["booking_id"]
    url, headers = f"/api/bookings/{booking_id}/payment", {"Idempotency-Key": key()}
    first, again = (frontrow.client.post(url, json={"paymentToken": "tok_success"}, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    other = frontrow.client.post(url, json={"paymentToken": "tok_slow"}, headers=headers)
    problem(other, 422, "idempotency-key-reused")
    frontrow.becomes(booking_id, "confirmed")
    has_taken(frontrow, booking_id, ("succeeded", PRICE, 0))
    frontrow.assert_refused(frontrow.pay(booking_id), "wrong_state")


def test_a_webhook_that_is_not_the_providers_is_refused_at_the_gateway(frontrow: Frontrow) -> None:
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
    body = {"type": "payment_intent.succeeded", "data": {"id": "pi_1", "status": "succeeded", "metadata": {}}}
    for sent in (headers, {}, headers | {"webhook-signature": "nonsense"}):
        problem(frontrow.client.post("/api/payments/webhook", json=body, headers=sent), 401, "unauthenticated")
    problem(frontrow.client.get("/api/payments/webhook"), 405, "method-not-allowed")


def test_no_token_is_in_any_log_nor_in_the_ledger(frontrow: Frontrow, held: Callable[..., Document]) -> None:
    booking_id = held("A30")["booking_id"]
    frontrow.command(frontrow.pay(booking_id, "tok_unheard_of_17"))
    frontrow.becomes(booking_id, "held", "payment_declined")
    found = [log.name for log in frontrow.instance.logs.iterdir() if b"tok_unheard_of_17" in log.read_bytes()]
    assert found == []
    with frontrow.ledger() as ledger:
        rows = ledger.execute("SELECT token FROM payment_starts WHERE booking_id = %s", (booking_id,)).fetchall()
        kept = ledger.execute("SELECT token FROM payments.payments WHERE booking_id = %s", (booking_id,)).fetchall()
    assert rows
    assert all("tok" not in token for (token,) in rows)
    assert kept == [(None,)], "once the provider has answered nobody needs it"


def test_a_late_authorisation_takes_the_seats_that_are_still_free_and_is_voided_for_the_others(
    frontrow: Frontrow, late: Late
) -> None:
    until_expired_s = PAYING_S + 5 - (time.monotonic() - late.started_at)
    frontrow.becomes(late.taken_by_others, "expired", "hold_expired", within_s=until_expired_s)
    other = frontrow.accept(late.event_id, "A2")
    frontrow.outcome(other)
    frontrow.command(frontrow.pay(other))
    frontrow.becomes(other, "confirmed")
    frontrow.becomes(late.free_again, "confirmed", within_s=LATE_AFTER_S + 10 - (time.monotonic() - late.started_at))
    frontrow.becomes(late.taken_by_others, "expired", "payment_late")
    has_taken(frontrow, late.free_again, ("succeeded", PRICE, 0))
    has_taken(frontrow, late.taken_by_others, ("canceled", 0, 0))


def test_the_theatre_sells_its_seats_for_what_they_cost(frontrow: Frontrow) -> None:
    booking_id = frontrow.accept("theatre-hamlet", "S-B1", "C-A1")
    frontrow.outcome(booking_id)
    frontrow.command(frontrow.pay(booking_id))
    frontrow.becomes(booking_id, "confirmed")
    has_taken(frontrow, booking_id, ("succeeded", 6_500 + 4_800, 0))


def test_health_names_payments_when_they_are_away_and_what_was_begun_is_made_good(
    frontrow: Frontrow, held: Callable[..., Document]
) -> None:
    booking_id = held("A35")["booking_id"]
    frontrow.instance.stop_program("payments")

    def named(status: str) -> None:
        answer = frontrow.client.get("/health")
        assert answer.status_code == 200, "who cannot pay can still book"
        assert answer.json()["checks"]["paid"]["status"] == status

    try:
        assert frontrow.command(frontrow.pay(booking_id))["status"] == "done"
        eventually(lambda: named("unavailable"))
        assert frontrow.booking(booking_id)["status"] == "paying"
    finally:
        frontrow.instance.start_program("payments")
    frontrow.becomes(booking_id, "confirmed")
    eventually(lambda: named("ok"))
    has_taken(frontrow, booking_id, ("succeeded", PRICE, 0))
