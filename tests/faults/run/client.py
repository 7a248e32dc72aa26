"""A client of a run: what it knows, and how it asks. Each operation enters here, and writes down what it was told.

It must call refused only what the API promises was not done: the checker looks for it on the log.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.faults.run.history import Operation, Result
from tests.people import Somebody

ANSWER_WITHIN_S: Final = 6.0
"""When a client gives up. Above the promise of 2.5 s, and above that and the 2 s for which some wait here."""
KEPT_BOOKINGS: Final = 50
"""How many of its own bookings a client remembers, to ask for, extend, pay and cancel."""
NOT_DONE: Final = frozenset({"log-unavailable", "overloaded", "too-many-requests", "view-unavailable"})
"""Problems of 503 and 429 that promise that nothing was done."""


@dataclass(frozen=True, slots=True)
class Hall:
    """An event of the run: its seats by name, whether everybody wants it, what a seat costs, and who may change it."""

    event_id: str
    seats: tuple[str, ...]
    hot: bool = False
    price_minor: int = 0
    organised: bool = False
    """Whether its organiser opens and closes it, changes what is said of it and calls it off."""


@dataclass
class Session:
    """Somebody's session as a client knows it. ``name``: also the account's; ``used``: tokens that gave their next."""

    name: str
    refresh_token: str = ""
    access_token: str = ""
    used: list[str] = field(default_factory=list)


@dataclass
class Client:
    """One client: its connection, its dice, the halls it knows, the bookings and sessions that it has.

    ``organiser``: under whose session it changes events; None where there is nobody. ``sessions`` outlive it: whoever
    comes in its place in the next round goes on with them.
    """

    http: httpx.Client
    dice: random.Random
    halls: list[Hall]
    clock: Callable[[], float]
    run_id: str
    organiser: Somebody | None = None
    mine: list[str] = field(default_factory=list)
    unpaid: list[str] = field(default_factory=list)
    keys: list[Operation] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

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
            self.http.cookies.clear()  # who is asking is said by each operation
        return _read(operation, answer)

    def keep(self, booking_id: str, hall: Hall | None = None) -> None:
        """Remember a booking of one's own, and whether it is to be paid."""
        self.mine = [*self.mine[-KEPT_BOOKINGS + 1 :], booking_id]
        if hall is not None and hall.price_minor:
            self.unpaid = [*self.unpaid[-KEPT_BOOKINGS + 1 :], booking_id]


def _read(operation: Operation, answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code == httpx.codes.NO_CONTENT:
        operation.result = Result.OK
        return {}
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
