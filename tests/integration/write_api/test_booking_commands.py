"""Commands about a booking: on the log behind the booking's request, under an id that leads to their outcome."""

import re

import httpx

from contracts.commands import BookingCommand, CancelBooking, ExtendHold
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.log import Logged

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


def test_an_id_that_was_never_issued_leaves_nothing_on_the_log(client: httpx.Client, module_requests: Log) -> None:
    before = len(module_requests.read())
    for booking_id in ("bk_nonsense", "bk_" + "A" * 36):
        assert client.delete(f"/api/bookings/{booking_id}").status_code == 404
        assert client.post(f"/api/bookings/{booking_id}/extension").status_code == 404
    assert len(module_requests.read()) == before
