"""What is accepted is on the log, on its event's partition, under an id that says so."""

import base64
import json
import re
from pathlib import Path

import httpx

from contracts.commands import BookSeats
from contracts.ids import IdMint
from contracts.topics import partition_of
from tests.integration.conftest import PARTITIONS
from tests.integration.write_api.conftest import Log
from tests.integration.write_api.process import WriteApi

PUBLISHED = {"userId": "user-123", "eventId": "concert123", "seatId": "A2"}


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


def test_what_is_accepted_is_on_the_log_of_its_event(client: httpx.Client, requests: Log) -> None:
    answer = client.post("/api/book", json=PUBLISHED, headers={"X-Request-Id": "req-2"})

    (message,) = requests.read()
    assert isinstance(message.command, BookSeats)
    assert message.partition == partition_of("concert123", PARTITIONS)
    assert message.key == b"concert123"
    assert message.kind == "book_seats"
    assert message.request_id == message.command.request_id == "req-2"
    assert message.command_id == message.command.command_id == answer.json()["booking_id"]
    assert message.command.seat_ids == ("A2",)


def test_the_log_knows_nobody_by_name_and_everybody_by_one_id(client: httpx.Client, requests: Log) -> None:
    for seat in ("A1", "A2"):
        client.post("/api/book", json=PUBLISHED | {"seatId": seat})
    client.post("/api/book", json=PUBLISHED | {"userId": "user-124"})

    principals = [message.command.principal for message in requests.read() if isinstance(message.command, BookSeats)]
    assert principals[0] == principals[1] != principals[2]
    assert not any("user" in principal for principal in principals)


def test_the_booking_id_says_that_it_was_issued_when_and_where(
    client: httpx.Client, requests: Log, tmp_path: Path
) -> None:
    booking_id = client.post("/api/book", json=PUBLISHED).json()["booking_id"]

    keys = json.loads((tmp_path / "frontrow_booking_id_keys").read_text())
    mint = IdMint({int(name): base64.b64decode(key) for name, key in keys["keys"].items()}, keys["current"])
    issued = mint.read(booking_id)
    (message,) = requests.read()
    assert issued is not None
    assert isinstance(message.command, BookSeats)
    assert issued.partition == message.partition
    assert issued.issued_at_ms == message.command.issued_at_ms


def test_the_snake_case_form_and_ten_seats_are_taken_too(client: httpx.Client, requests: Log) -> None:
    seats = [f"A{number}" for number in range(10, 0, -1)]

    answer = client.post("/api/book", json={"user_id": "u", "event_id": "e", "seat_ids": seats})

    assert answer.status_code == 202
    (message,) = requests.read()
    assert isinstance(message.command, BookSeats)
    assert message.command.seat_ids == tuple(seats), "all of them, in the caller's order"


def test_bookings_of_one_event_are_on_the_log_in_the_order_of_their_acceptance(
    client: httpx.Client, requests: Log
) -> None:
    accepted = [client.post("/api/book", json=PUBLISHED).json()["booking_id"] for _ in range(20)]

    assert [message.command_id for message in requests.read()] == accepted


def test_an_insane_request_id_goes_nowhere(client: httpx.Client, requests: Log) -> None:
    answer = client.post("/api/book", json=PUBLISHED, headers={"X-Request-Id": "a b\tc"})

    assert answer.status_code == 202
    assert "x-request-id" not in answer.headers
    assert requests.read()[0].request_id == ""


def test_health_and_metrics_are_on_the_same_port(client: httpx.Client) -> None:
    client.post("/api/book", json=PUBLISHED)

    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok", "checks": {"log": True}}
    metrics = client.get("/metrics").text
    assert 'frontrow_write_api_commands_total{result="accepted"} 1.0' in metrics
    assert 'frontrow_http_requests_total{endpoint="book",method="POST",status="202"} 1.0' in metrics


def test_no_secret_and_no_name_is_in_the_log_lines(client: httpx.Client, write_api: WriteApi, tmp_path: Path) -> None:
    client.post("/api/book", json=PUBLISHED)

    said = write_api.said()
    assert "user-123" not in said
    assert (tmp_path / "frontrow_principal_key").read_text() not in said
