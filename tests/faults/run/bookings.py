"""What clients do about bookings: book, wait, pay, extend, cancel, read. ``operations`` enters here.

Each function asks the gateway once and returns what the answer means, or None when there is nothing to do it to.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import httpx

from tests.faults.run.client import Client, Hall
from tests.faults.run.history import Operation, Result

TOKENS: Final = (
    *("tok_success",) * 6,
    *("tok_declined",) * 2,
    "tok_slow",
    "tok_slow_declined",
    "tok_webhook_twice",
    "tok_webhook_first",
    "tok_bad_signature",
)
"""What the test provider makes of a payment, and how often of all."""


def book(client: Client) -> Operation:
    """Book one to three seats by name."""
    hall = client.hall()
    operation = client.begin("book", hall.event_id)
    operation.seats = tuple(client.dice.sample(hall.seats, client.dice.choice((1, 1, 1, 2, 3))))
    return _post(client, operation, {"seatIds": list(operation.seats)}, hall)


def book_best(client: Client) -> Operation:
    """Leave the choice of seats to the platform."""
    hall = client.hall()
    operation = client.begin("best", hall.event_id)
    return _post(client, operation, {"best": {"count": client.dice.randint(1, 4)}}, hall)


def book_with_offer(client: Client) -> Operation:
    """Book by name, and be offered others where these are taken."""
    hall = client.hall()
    operation = client.begin("offer", hall.event_id)
    operation.seats = (client.dice.choice(hall.seats),)
    return _post(client, operation, {"seatIds": list(operation.seats), "offer": True}, hall)


def book_and_wait(client: Client) -> Operation:
    """Book a seat and wait for the outcome as the answer."""
    hall = client.hall()
    operation = client.begin("book and wait", hall.event_id)
    operation.seats = (client.dice.choice(hall.seats),)
    return _post(client, operation, {"seatIds": list(operation.seats)}, hall, {"Prefer": "wait=2"})


def book_under_a_key(client: Client) -> Operation:
    """Book under a key; every other time send again what is not known to have arrived, or did."""
    if client.keys and client.dice.random() < 0.5:
        before = client.dice.choice(client.keys)
        begun = client.begin("book under a key", before.event_id)
        operation = replace(begun, key=before.key, seats=before.seats)
    else:
        hall = client.hall()
        begun = client.begin("book under a key", hall.event_id)
        operation = replace(begun, key=uuid.uuid4().hex, seats=(client.dice.choice(hall.seats),))
        client.keys = [*client.keys[-9:], operation]
    body = {"userId": f"k-{operation.key[:8]}", "eventId": operation.event_id, "seatIds": list(operation.seats)}
    headers = {"Idempotency-Key": operation.key}
    return _booked(client, operation, client.ask(operation, "POST", "/api/book", json=body, headers=headers))


def pay(client: Client) -> Operation | None:
    """Pay for a booking of one's own, with whatever comes of it; some pay for the same one again."""
    if not client.unpaid:
        return None
    booking_id = client.dice.choice(client.unpaid)
    token = {"payment_token": client.dice.choice(TOKENS)}
    return _command(client, client.begin("pay"), "POST", f"/api/bookings/{booking_id}/payment", json=token)


def cancel(client: Client) -> Operation | None:
    """Give a booking of one's own back."""
    if not client.mine:
        return None
    booking_id = client.mine.pop(client.dice.randrange(len(client.mine)))
    return _command(client, client.begin("cancel"), "DELETE", f"/api/bookings/{booking_id}")


def extend(client: Client) -> Operation | None:
    """Let a hold begin anew."""
    if not client.mine:
        return None
    booking_id = client.dice.choice(client.mine)
    return _command(client, client.begin("extend"), "POST", f"/api/bookings/{booking_id}/extension")


def read_booking(client: Client) -> Operation | None:
    """Ask for a booking of one's own."""
    if not client.mine:
        return None
    booking_id = client.dice.choice(client.mine)
    operation = client.begin("read booking", writes=False)
    return _shown(operation, booking_id, client.ask(operation, "GET", f"/api/bookings/{booking_id}"))


def watch_booking(client: Client) -> Operation | None:
    """Open a booking's stream, and leave it after its first message, which says all of it."""
    if not client.mine:
        return None
    booking_id = client.dice.choice(client.mine)
    operation = client.begin("watch booking", writes=False)
    body: dict[str, Any] = {}
    headers = {"X-Request-Id": operation.request_id}
    try:
        with client.http.stream("GET", f"/api/bookings/{booking_id}/stream", headers=headers) as answer:
            body = _first_message(answer)
            operation.result = Result.OK if body else Result.UNKNOWN
    except httpx.HTTPError as error:
        operation.told = type(error).__name__
    operation.ended = client.clock()
    return _shown(operation, booking_id, body)


def read_event(client: Client) -> Operation:
    """Ask for a seat map."""
    operation = client.begin("read event", client.hall().event_id, writes=False)
    body = client.ask(operation, "GET", f"/api/events/{operation.event_id}")
    operation.version = body.get("version", 0)
    return operation


def _post(
    client: Client, operation: Operation, wish: dict[str, Any], hall: Hall, headers: Mapping[str, str] | None = None
) -> Operation:
    body = {"userId": f"u-{client.dice.randrange(1000)}", "eventId": operation.event_id, **wish}
    answer = client.ask(operation, "POST", "/api/book", json=body, headers=dict(headers or {}))
    return _booked(client, operation, answer, hall)


def _booked(client: Client, operation: Operation, body: dict[str, Any], hall: Hall | None = None) -> Operation:
    if body:
        operation.command_id = body["booking_id"]
        operation.told, operation.version = body["status"], body.get("version", 0)
        client.keep(operation.command_id, hall)
    return operation


def _command(client: Client, operation: Operation, method: str, path: str, **more: Any) -> Operation:  # noqa: ANN401 - httpx's own
    operation.command_id = client.ask(operation, method, path, **more).get("command_id", operation.command_id)
    return operation


def _shown(operation: Operation, booking_id: str, body: dict[str, Any]) -> Operation:
    operation.command_id = booking_id
    if body:
        operation.told, operation.version = body["status"], body["version"]
        operation.seats = tuple(body["seat_ids"] or ())
    return operation


def _first_message(answer: httpx.Response) -> dict[str, Any]:
    """Return what a stream's first message says; nothing when there is none."""
    if answer.status_code != httpx.codes.OK:
        return {}
    name = ""
    for line in answer.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data" and name in {"snapshot", "change"}:
            return dict(json.loads(value))
    return {}
