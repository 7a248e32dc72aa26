"""What organisers do about events: announce, change, open, close, call off. ``operations`` enters here.

They change the halls that are ``organised`` alone, so that the others are what everybody believes them to be.
"""

import uuid
from typing import Any, Final

from tests.faults.run.client import Client, Hall
from tests.faults.run.history import Operation
from tests.organisers import ABOUT

SECTION: Final[dict[str, Any]] = {"section": "main", "rows": [{"row": "A", "count": 3}, {"row": "B", "count": 3}]}
ANNOUNCE: Final = "announce"


def announce(client: Client) -> Operation | None:
    """Announce an event with its seats under a key."""
    if client.organiser is None:
        return None
    operation = client.begin(ANNOUNCE, f"{client.run_id}-made-{uuid.uuid4().hex[:10]}")
    body = {**ABOUT, "event_id": operation.event_id, "sections": [SECTION]}
    headers = {"Idempotency-Key": operation.request_id}
    return _ask(client, operation, "POST", "/api/events", json=body, headers=headers)


def change(client: Client) -> Operation | None:
    """Call an event something else."""
    name = {"name": f"An evening, {client.dice.randrange(1000)}"}
    return _to_one(client, "change", "PATCH", "", json=name)


def open_sale(client: Client) -> Operation | None:
    """Take bookings from now on."""
    return _to_one(client, "open", "POST", "/open")


def close_sale(client: Client) -> Operation | None:
    """Take no bookings any more."""
    return _to_one(client, "close", "POST", "/close")


def call_off(client: Client) -> Operation | None:
    """Call an event off, now and then."""
    return _to_one(client, "call off", "POST", "/cancel") if client.dice.random() < RARELY else None


RARELY: Final = 0.15
"""Of the times that somebody might: an event that is gone has little to tell of."""


def _to_one(client: Client, kind: str, method: str, path: str, **more: Any) -> Operation | None:  # noqa: ANN401 - httpx's own
    halls = [hall for hall in client.halls if hall.organised]
    if client.organiser is None or not halls:
        return None
    hall: Hall = client.dice.choice(halls)
    operation = client.begin(kind, hall.event_id)
    return _ask(client, operation, method, f"/api/events/{hall.event_id}{path}", **more)


def _ask(client: Client, operation: Operation, method: str, path: str, **more: Any) -> Operation:  # noqa: ANN401 - httpx's own
    if client.organiser is None:
        raise AssertionError
    headers = {**client.organiser.headers, **more.pop("headers", {})}
    body = client.ask(operation, method, path, headers=headers, **more)
    operation.command_id = body.get("command_id", operation.command_id)
    return operation
