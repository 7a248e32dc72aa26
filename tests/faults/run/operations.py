"""The table of operations: what clients do, and how often. A capability that is new is a row here, and a function.

Each function asks the gateway once and returns what the answer means. It must call refused only what the API promises
was not done: the checker looks for it on the log.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from tests.faults.run.history import Operation, Result

ANSWER_WITHIN_S: Final = 6.0
"""When a client gives up. Above the promise of 2.5 s, and above that and the 2 s for which some wait here."""
KEPT_BOOKINGS: Final = 50
"""How many of its own bookings a client remembers, to ask for, extend and cancel."""
NOT_DONE: Final = frozenset({"log-unavailable", "overloaded", "too-many-requests", "view-unavailable"})
"""Problems of 503 and 429 that promise that nothing was done."""


@dataclass(frozen=True, slots=True)
class Hall:
    """An event of the run: its seats by name, and whether everybody wants it."""

    event_id: str
    seats: tuple[str, ...]
    hot: bool = False


@dataclass
class Client:
    """One client: its connection, its dice, the halls it knows and the bookings it has."""

    http: httpx.Client
    dice: random.Random
    halls: list[Hall]
    clock: Callable[[], float]
    run_id: str
    mine: list[str] = field(default_factory=list)
    keys: list[Operation] = field(default_factory=list)

    def hall(self) -> Hall:
        """Return the hall of the next operation: every other one is hot."""
        hot = [hall for hall in self.halls if hall.hot]
        return self.dice.choice(hot) if hot and self.dice.random() < 0.5 else self.dice.choice(self.halls)

    def begin(self, kind: str, event_id: str = "", *, writes: bool = True) -> Operation:
        """Return an operation that begins now."""
        return Operation(kind, f"{self.run_id}.{uuid.uuid4().hex[:16]}", event_id, self.clock(), writes=writes)

    def ask(self, operation: Operation, method: str, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own
        """Ask once, note how it ended, and return the answer's document; empty when there is none."""
        headers = {"X-Request-Id": operation.request_id, **more.pop("headers", {})}
        try:
            answer = self.http.request(method, path, headers=headers, **more)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            operation.result, operation.told = Result.REFUSED, type(error).__name__  # nothing was ever sent
            return {}
        except httpx.HTTPError as error:
            operation.told = type(error).__name__
            return {}
        finally:
            operation.ended = self.clock()
        return _read(operation, answer)

    def keep(self, booking_id: str) -> None:
        """Remember a booking of one's own."""
        self.mine = [*self.mine[-KEPT_BOOKINGS + 1 :], booking_id]


def _read(operation: Operation, answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        operation.told = f"no document: {answer.status_code} {answer.text[:80]!r}"
        return {}
    if answer.is_success:
        operation.result = Result.OK
        return dict(body) if isinstance(body, dict) else {}
    slug = str(body.get("type", "")).removeprefix("/problems/")
    operation.told = slug or f"no problem: {answer.status_code}"
    operation.command_id = str(body.get("booking_id") or body.get("command_id") or "")
    if slug in NOT_DONE or answer.is_client_error:
        operation.result = Result.REFUSED
    return {}


def _booked(client: Client, operation: Operation, body: dict[str, Any]) -> Operation:
    if body:
        operation.command_id = body["booking_id"]
        operation.told, operation.version = body["status"], body.get("version", 0)
        client.keep(operation.command_id)
    return operation


def _post(client: Client, operation: Operation, wish: dict[str, Any], **headers: str) -> Operation:
    body = {"userId": f"u-{client.dice.randrange(1000)}", "eventId": operation.event_id, **wish}
    return _booked(client, operation, client.ask(operation, "POST", "/api/book", json=body, headers=headers))


def book(client: Client) -> Operation:
    """Book one to three seats by name."""
    hall = client.hall()
    operation = client.begin("book", hall.event_id)
    operation.seats = tuple(client.dice.sample(hall.seats, client.dice.choice((1, 1, 1, 2, 3))))
    return _post(client, operation, {"seatIds": list(operation.seats)})


def book_best(client: Client) -> Operation:
    """Leave the choice of seats to the platform."""
    operation = client.begin("best", client.hall().event_id)
    return _post(client, operation, {"best": {"count": client.dice.randint(1, 4)}})


def book_with_offer(client: Client) -> Operation:
    """Book by name, and be offered others where these are taken."""
    hall = client.hall()
    operation = client.begin("offer", hall.event_id)
    operation.seats = (client.dice.choice(hall.seats),)
    return _post(client, operation, {"seatIds": list(operation.seats), "offer": True})


def book_and_wait(client: Client) -> Operation:
    """Book a seat and wait for the outcome as the answer."""
    hall = client.hall()
    operation = client.begin("book and wait", hall.event_id)
    operation.seats = (client.dice.choice(hall.seats),)
    return _post(client, operation, {"seatIds": list(operation.seats)}, Prefer="wait=2")


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


def _command(client: Client, operation: Operation, method: str, path: str) -> Operation:
    operation.command_id = client.ask(operation, method, path).get("command_id", operation.command_id)
    return operation


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
    body = client.ask(operation, "GET", f"/api/bookings/{booking_id}")
    operation.command_id = booking_id
    if body:
        operation.told, operation.version = body["status"], body["version"]
        operation.seats = tuple(body["seat_ids"] or ())
    return operation


def read_event(client: Client) -> Operation:
    """Ask for a seat map."""
    operation = client.begin("read event", client.hall().event_id, writes=False)
    body = client.ask(operation, "GET", f"/api/events/{operation.event_id}")
    operation.version = body.get("version", 0)
    return operation


Ask = Callable[[Client], Operation | None]

OPERATIONS: Final[tuple[tuple[int, Ask], ...]] = (
    (10, book),
    (4, book_best),
    (2, book_with_offer),
    (2, book_and_wait),
    (4, book_under_a_key),
    (6, cancel),
    (2, extend),
    (6, read_booking),
    (2, read_event),
)
"""How often, of all, and what. A row returns None when there is nothing to do it to."""
