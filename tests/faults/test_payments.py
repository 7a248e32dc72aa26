"""Payments, the provider and their stores are killed and restarted while people pay; no cent is lost or taken twice."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import pytest

from tests.eventually import eventually
from tests.frontrow import Frontrow

PRICE = 1_700
SEATS = 30
SETTLED_WITHIN_S = 40.0


@contextmanager
def people_pay(frontrow: Frontrow) -> Iterator[list[str]]:
    """Hold the seats of an event, pay for them one after the other, and give every third one back again."""
    event_id = frontrow.new_event(seats_a_row=SEATS, hold_seconds=120, price_minor=PRICE)
    bookings = [frontrow.accept(event_id, f"A{n + 1}") for n in range(SEATS)]
    for booking_id in bookings:
        frontrow.becomes(booking_id, "held")

    def pay() -> None:
        with httpx.Client(base_url=frontrow.instance.gateway_url, timeout=10) as client:
            for n, booking_id in enumerate(bookings):
                token = ("tok_success", "tok_webhook_twice", "tok_webhook_first")[n % 3]
                answer = client.post(f"/api/bookings/{booking_id}/payment", json={"payment_token": token})
                assert answer.status_code == 202
                if n % 3 == 2:
                    assert client.delete(f"/api/bookings/{booking_id}").status_code == 202
                paying.wait(0.05)

    paying = threading.Event()
    thread = threading.Thread(target=pay)
    thread.start()
    try:
        yield bookings
    finally:
        thread.join()
    for n, booking_id in enumerate(bookings):
        if n % 3 == 2:
            frontrow.becomes(booking_id, "cancelled", "by_customer", within_s=SETTLED_WITHIN_S)
        else:
            frontrow.becomes(booking_id, "confirmed", within_s=SETTLED_WITHIN_S)
        eventually(partial(_money_is_right, frontrow, n, booking_id), within_s=SETTLED_WITHIN_S)


def _money_is_right(frontrow: Frontrow, number: int, booking_id: str) -> None:
    intents = frontrow.intents(booking_id)
    assert sum(received - refunded for _, received, refunded in intents) == (0 if number % 3 == 2 else PRICE)
    assert {status for status, _, _ in intents} <= {"succeeded", "canceled"}


@pytest.mark.parametrize("process", ["payments", pytest.param("test_provider", marks=pytest.mark.long)])
def test_after_kill_9_in_the_midst_of_payments_each_is_made_once(frontrow: Frontrow, process: str) -> None:
    with people_pay(frontrow) as bookings:
        for n in (5, 15, 25):
            eventually(partial(_has_left_hold, frontrow, bookings[n]))
            frontrow.instance.kill(process, signal.SIGKILL)
            eventually(lambda: _runs(frontrow, process))


def _has_left_hold(frontrow: Frontrow, booking_id: str) -> None:
    assert frontrow.booking(booking_id)["status"] != "held"


def _runs(frontrow: Frontrow, process: str) -> None:
    assert frontrow.instance.status()[process].state == "RUNNING"


def test_postgresql_restarts_in_the_midst_of_payments(frontrow: Frontrow) -> None:
    with people_pay(frontrow) as bookings:
        eventually(lambda: _has_left_hold(frontrow, bookings[10]))
        frontrow.instance.restart("postgres")


def test_a_provider_that_is_away_is_waited_for_while_the_booking_is_paying(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=120, price_minor=PRICE)
    booking_id = frontrow.accept(event_id, "A1")
    frontrow.becomes(booking_id, "held")
    frontrow.instance.stop_program("test_provider")
    assert frontrow.command(frontrow.pay(booking_id))["status"] == "done"
    frontrow.becomes(booking_id, "paying")
    frontrow.health()
    frontrow.instance.start_program("test_provider")
    frontrow.becomes(booking_id, "confirmed")
    eventually(lambda: _money_is_right(frontrow, 0, booking_id))
