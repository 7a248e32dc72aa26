"""Bad input, on the wire, through the gateway: each gets its problem, and none reaches the log."""

import json
from typing import Any

import httpx
import pytest

from tests.frontrow import Frontrow, problem

GOOD: dict[str, Any] = {"userId": "user-123", "eventId": "concert123", "seatId": "B7"}
JSON = {"Content-Type": "application/json"}


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != field}


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"{", b'{"userId": "a", "userId": "b"}', b"[]", b'"text"', b"null", b"17", b"\xff\xfe", b"NaN"],
)
def test_what_is_no_json_object_is_malformed(frontrow: Frontrow, body: bytes) -> None:
    problem(frontrow.client.post("/api/book", content=body, headers=JSON), 400, "malformed-json")


def test_a_key_given_twice_is_malformed(frontrow: Frontrow) -> None:
    body = json.dumps(GOOD)[:-1] + ', "seatId": "B8"}'
    problem(frontrow.client.post("/api/book", content=body, headers=JSON), 400, "malformed-json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        *((without(field), field) for field in ("userId", "eventId")),
        *((GOOD | {field: None}, field) for field in GOOD),
        *((GOOD | {field: 17}, field) for field in GOOD),
        *((GOOD | {field: ""}, field) for field in GOOD),
        *((GOOD | {field: "x" * 65}, field) for field in GOOD),
        *((GOOD | {field: "a\u0007b"}, field) for field in GOOD),
        *((GOOD | {field: ".."}, field) for field in GOOD),
        (GOOD | {"userId": ["user-123"]}, "userId"),
        (GOOD | {"seat_number": "B7"}, "seat_number"),
        (without("seatId") | {"seatIds": []}, "seatIds"),
        (without("seatId") | {"seatIds": [f"A{n}" for n in range(1, 12)]}, "seatIds"),
        (without("seatId") | {"seatIds": ["A1", "A2", "A1"]}, "seatIds"),
        (without("seatId") | {"seatIds": "A1"}, "seatIds"),
    ],
)
def test_an_invalid_field_is_named(frontrow: Frontrow, body: dict[str, Any], field: str) -> None:
    answered = problem(frontrow.client.post("/api/book", json=body), 422, "invalid-request")
    assert any(error["field"].startswith(field) for error in answered["errors"]), answered
    assert all(error["message"] for error in answered["errors"])


def test_no_seat_and_both_forms_of_a_seat_are_refused(frontrow: Frontrow) -> None:
    for body in (without("seatId"), GOOD | {"seatIds": ["A1"]}):
        assert problem(frontrow.client.post("/api/book", json=body), 422, "invalid-request")["errors"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_64_kb_is_too_large(frontrow: Frontrow, *, chunked: bool) -> None:
    body = json.dumps(GOOD | {"seatId": "x" * 66_000}).encode()
    content = iter([body[:1_000], body[1_000:]]) if chunked else body
    problem(frontrow.client.post("/api/book", content=content, headers=JSON), 413, "payload-too-large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json2"])
def test_another_content_type_is_unsupported(frontrow: Frontrow, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = frontrow.client.post("/api/book", content=json.dumps(GOOD).encode(), headers=headers)
    problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/book"),
        ("PUT", "/api/book"),
        ("DELETE", "/api/book"),
        ("PUT", "/api/events"),
        ("POST", "/api/events/concert123"),
        ("PUT", "/api/bookings/bk_1"),
        ("POST", "/health"),
    ],
)
def test_another_method_is_not_allowed(frontrow: Frontrow, method: str, path: str) -> None:
    answer = frontrow.client.request(method, path)
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/events/no-such-event", "/api/book/", "/%00"])
def test_an_unknown_path_is_not_found(frontrow: Frontrow, path: str) -> None:
    answer = frontrow.client.get(path)
    if path == "/%00":
        assert answer.status_code in (400, 404)
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        problem(answer, 404, "not-found")


def test_both_spellings_of_the_fields_are_taken(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    for body in (
        {"userId": "u", "eventId": event_id, "seatId": "A1"},
        {"user_id": "u", "event_id": event_id, "seat_ids": ["A2", "A3"]},
    ):
        answer = frontrow.client.post("/api/book", json=body)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        frontrow.remember(answer.status_code, answer.json())
        assert frontrow.outcome(answer.json()["booking_id"])["status"] == "confirmed"


def test_nothing_of_all_this_reached_the_log(frontrow: Frontrow) -> None:
    with frontrow.ledger() as ledger:
        rows = ledger.execute("SELECT count(*) FROM outcomes WHERE seat_ids && '{B7,B8}' AND event_id = 'concert123'")
        assert rows.fetchone() == (0,)
