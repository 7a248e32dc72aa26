"""How tests ask for seats with a key or a preference, and what the ledger then has."""

import uuid

import httpx

from tests.frontrow import Frontrow


def key() -> str:
    return uuid.uuid4().hex


def book(
    frontrow: Frontrow, event_id: str, *seat_ids: str, under: str | None = None, prefer: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": under, "Prefer": prefer}
    body = {"userId": "user-123", "eventId": event_id, "seatIds": list(seat_ids)}
    answer = frontrow.client.post(
        "/api/book",
        json=body,
        headers={name: value for name, value in headers.items() if value is not None},
        timeout=20,
    )
    frontrow.remember(answer.status_code, answer.json())
    if answer.status_code == httpx.codes.OK:
        frontrow.accepted.add(answer.json()["booking_id"])
    return answer


def bookings_of(frontrow: Frontrow, event_id: str) -> list[tuple[str, str, list[str]]]:
    with frontrow.ledger() as ledger:
        return ledger.execute(
            "SELECT command_id, status, seat_ids FROM outcomes WHERE event_id = %s AND kind = 'book_seats'", (event_id,)
        ).fetchall()


def waited(frontrow: Frontrow, event_id: str) -> None:
    """Assert that waiting works (again), with a booking that is refused."""
    answer = book(frontrow, event_id, "Z99", prefer="wait=5")
    assert answer.status_code == 200, answer.text
