"""What is accepted is on the log, on its event's partition, under an id that says so."""

import base64
import json
import re
import uuid

import httpx
import pytest

from contracts.commands import BookSeats
from contracts.ids import IdMint
from contracts.topics import partition_of
from tests.integration.conftest import PARTITIONS
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.log import Logged
from tests.integration.write_api.process import WriteApi

PUBLISHED = {"userId": "user-123", "eventId": "concert123", "seatId": "A2"}


class Event:
    """An event of the test's own, by which it finds its messages."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.event_id = f"event-{uuid.uuid4().hex[:12]}"

    def request(self, **changed: object) -> dict[str, object]:
        return PUBLISHED | {"eventId": self.event_id} | changed

    def logged(self) -> list[Logged]:
        return [message for message in self._log.read() if message.key == self.event_id.encode()]

    def bookings(self) -> list[BookSeats]:
        return [message.command for message in self.logged() if isinstance(message.command, BookSeats)]


@pytest.fixture
def event(module_requests: Log) -> Event:
    return Event(module_requests)


def test_the_published_request_is_accepted_with_the_published_answer(client: httpx.Client) -> None:
    answer = client.post("/api/book", json=PUBLISHED, headers={"X-Request-Id": "req-1"})

    booking_id = answer.json()["booking_id"]
    assert answer.status_code == 202
    assert answer.json() == {
        "message": "Booking request received and is being processed.",
        "booking_id": booking_id,
        "status": "pending",
        "status_url": f"/api/bookings/{booking_id}",
    }
    assert re.fullmatch(r"bk_[A-Za-z0-9_-]{36}", booking_id)
    assert answer.headers["location"] == f"/api/bookings/{booking_id}"
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == "req-1"


def test_what_is_accepted_is_on_the_log_of_its_event(client: httpx.Client, event: Event) -> None:
    answer = client.post("/api/book", json=event.request(), headers={"X-Request-Id": "req-2"})

    (message,) = event.logged()
    assert isinstance(message.command, BookSeats)
    assert message.partition == partition_of(event.event_id, PARTITIONS)
    assert message.kind == "book_seats"
    assert message.request_id == message.command.request_id == "req-2"
    assert message.command_id == message.command.command_id == answer.json()["booking_id"]
    assert message.command.seat_ids == ("A2",)


def test_the_log_knows_nobody_by_name_and_everybody_by_one_id(client: httpx.Client, event: Event) -> None:
    for seat in ("A1", "A2"):
        client.post("/api/book", json=event.request(seatId=seat))
    client.post("/api/book", json=event.request(userId="user-124"))

    principals = [booking.principal for booking in event.bookings()]
    assert principals[0] == principals[1] != principals[2]
    assert not any("user" in principal for principal in principals)


def test_the_booking_id_says_that_it_was_issued_when_and_where(
    client: httpx.Client, event: Event, write_api: WriteApi
) -> None:
    booking_id = client.post("/api/book", json=event.request()).json()["booking_id"]

    keys = json.loads(write_api.secret("booking_id_keys"))
    mint = IdMint({int(name): base64.b64decode(key) for name, key in keys["keys"].items()}, keys["current"])
    issued = mint.read(booking_id)
    assert issued is not None
    assert issued.partition == event.logged()[0].partition
    assert issued.issued_at_ms == event.bookings()[0].issued_at_ms


def test_the_snake_case_form_and_ten_seats_are_taken_too(client: httpx.Client, event: Event) -> None:
    seats = [f"A{number}" for number in range(10, 0, -1)]

    answer = client.post("/api/book", json={"user_id": "u", "event_id": event.event_id, "seat_ids": seats})

    assert answer.status_code == 202
    assert [booking.seat_ids for booking in event.bookings()] == [tuple(seats)], "all, in the caller's order"


def test_bookings_of_one_event_are_on_the_log_in_the_order_of_their_acceptance(
    client: httpx.Client, event: Event
) -> None:
    accepted = [client.post("/api/book", json=event.request()).json()["booking_id"] for _ in range(20)]

    assert [message.command_id for message in event.logged()] == accepted


def test_an_insane_request_id_goes_nowhere(client: httpx.Client, event: Event) -> None:
    answer = client.post("/api/book", json=event.request(), headers={"X-Request-Id": "a b\tc"})

    assert answer.status_code == 202
    assert "x-request-id" not in answer.headers
    assert event.logged()[0].request_id == ""


def test_health_and_metrics_are_on_the_same_port(client: httpx.Client) -> None:
    client.post("/api/book", json=PUBLISHED)

    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok", "checks": {"log": True}}
    metrics = client.get("/metrics").text
    assert 'frontrow_write_api_commands_total{result="accepted"}' in metrics
    assert 'frontrow_http_requests_total{endpoint="book",method="POST",status="202"}' in metrics
    assert "frontrow_producer_unacknowledged{" in metrics


def test_no_secret_and_no_name_is_in_the_log_lines(client: httpx.Client, write_api: WriteApi) -> None:
    client.post("/api/book", json=PUBLISHED)

    said = write_api.said()
    assert "the log is there" in said
    assert "user-123" not in said
    assert write_api.secret("principal_key") not in said
