"""Commands about a booking: on the log behind the booking's request, under an id that leads to their outcome."""

import base64
import re
import uuid

import httpx
import pytest

from contracts.commands import BookingCommand, CancelBooking, ExtendHold, StartPayment
from contracts.payment_tokens import TokenSeal
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.log import Logged
from tests.integration.write_api.process import WriteApi

PUBLISHED = {"userId": "user-123", "eventId": "concert123", "seatId": "A2"}


def book(client: httpx.Client) -> str:
    return str(client.post("/api/book", json=PUBLISHED).json()["booking_id"])


def logged(log: Log, booking_id: str) -> list[Logged]:
    messages = log.read()
    (request,) = [message for message in messages if getattr(message.command, "command_id", "") == booking_id]
    about = [m for m in messages if isinstance(m.command, BookingCommand) and m.command.booking_id == booking_id]
    assert all(message.partition == request.partition and message.offset > request.offset for message in about)
    return about


def test_a_booking_is_given_back_by_a_command_on_its_partition(client: httpx.Client, module_requests: Log) -> None:
    booking_id = book(client)
    answer = client.delete(f"/api/bookings/{booking_id}?seat_id=A2&seat_id=A3", headers={"X-Request-Id": "req-9"})
    assert answer.status_code == 202
    command_id = answer.json()["command_id"]
    assert re.fullmatch(r"cm_[A-Za-z0-9_-]{36}", command_id)
    assert answer.json() == {
        "command_id": command_id,
        "status": "pending",
        "status_url": f"/api/commands/{command_id}",
    }
    assert answer.headers["location"] == f"/api/commands/{command_id}"
    assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("1", "no-store")
    assert answer.headers["x-request-id"] == "req-9"
    (message,) = logged(module_requests, booking_id)
    assert isinstance(message.command, CancelBooking)
    assert (message.command.command_id, message.command.seat_ids) == (command_id, ("A2", "A3"))
    assert (message.command.by, message.command.request_id) == ("customer", "req-9")


def test_a_hold_is_extended_by_a_command(client: httpx.Client, module_requests: Log) -> None:
    booking_id = book(client)
    answer = client.post(f"/api/bookings/{booking_id}/extension")
    assert answer.status_code == 202
    (message,) = logged(module_requests, booking_id)
    assert isinstance(message.command, ExtendHold)
    assert message.command.command_id == answer.json()["command_id"]


@pytest.mark.parametrize("field", ["payment_token", "paymentToken"])
def test_a_payment_is_started_by_a_command_whose_token_is_sealed(
    client: httpx.Client, module_requests: Log, write_api: WriteApi, field: str
) -> None:
    booking_id = book(client)
    answer = client.post(f"/api/bookings/{booking_id}/payment", json={field: "tok_never_in_clear"})
    assert answer.status_code == 202
    (message,) = logged(module_requests, booking_id)
    assert isinstance(message.command, StartPayment)
    assert message.command.command_id == answer.json()["command_id"]
    sealed = message.command.payment_token
    assert "tok_" not in sealed
    seal = TokenSeal(base64.b64decode(write_api.secret("payment_token_key")))
    assert seal.open(sealed, booking_id) == "tok_never_in_clear"
    assert "tok_never_in_clear" not in write_api.said()


def test_a_payment_sent_again_under_its_key_is_the_same_command(client: httpx.Client, module_requests: Log) -> None:
    booking_id = book(client)
    path, key = f"/api/bookings/{booking_id}/payment", {"Idempotency-Key": uuid.uuid4().hex}
    first, again = (client.post(path, json={"payment_token": "tok_one"}, headers=key) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    one, other = logged(module_requests, booking_id)
    assert one.command_id == other.command_id, "the worker counts the first"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "is required"),
        ({"payment_token": ""}, "must be 1 to 200 printable ASCII characters"),
        ({"payment_token": "x" * 201}, "must be 1 to 200 printable ASCII characters"),
        ({"payment_token": "a\nb"}, "must be 1 to 200 printable ASCII characters"),
        ({"payment_token": 7}, "must be a string"),
        ({"payment_token": "tok", "amount": 1}, "is not a field of this call"),
    ],
)
def test_a_payment_without_a_proper_token_is_refused_at_the_door(
    client: httpx.Client, module_requests: Log, body: dict[str, object], message: str
) -> None:
    booking_id = book(client)
    answer = client.post(f"/api/bookings/{booking_id}/payment", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
    assert [error["message"] for error in answer.json()["errors"]] == [message]
    assert logged(module_requests, booking_id) == []


def test_a_payment_must_be_json_of_a_booking_that_exists(client: httpx.Client) -> None:
    path = f"/api/bookings/{book(client)}/payment"
    assert client.post(path, content=b"payment_token=tok").status_code == 415
    assert client.post(path, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert client.post("/api/bookings/bk_nonsense/payment", json={"payment_token": "tok"}).status_code == 404


def test_an_id_that_was_never_issued_leaves_nothing_on_the_log(client: httpx.Client, module_requests: Log) -> None:
    before = len(module_requests.read())
    for booking_id in ("bk_nonsense", "bk_" + "A" * 36):
        assert client.delete(f"/api/bookings/{booking_id}").status_code == 404
        assert client.post(f"/api/bookings/{booking_id}/extension").status_code == 404
    assert len(module_requests.read()) == before
