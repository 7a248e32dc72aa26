"""What each family of calls does while something is away or slow: the table in ARCHITECTURE.md, and how it is asked.

The table is the expectation, read from the document that people read. A family is asked with all of its calls at once,
each by a client of its own, since one that hangs must not hide another.
"""

import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import httpx

from tests.frontrow import CHECKOUT, Frontrow
from tests.organisers import Organiser
from tests.people import PASSWORD, again

HEADING: Final = "## What clients see while something is away or slow"
FAMILIES: Final = ("book", "change", "people", "webhooks", "read", "stream", "health")
PROGRAM_OF: Final = {
    "Kafka": "kafka",
    "PostgreSQL": "postgres",
    "Redis": "redis",
    "MongoDB": "mongo",
    "the provider": "test_provider",
}
"""What supervised programs are called in the table; the others go by their own names."""
HANGS_S: Final = 10.0
"""When a test gives up on an answer; the promise is shorter."""


Options = dict[str, Any]
"""What httpx takes besides method and path."""


class Row(NamedTuple):
    """One row: what is hurt, by which family what is allowed, and within how many seconds everybody is told."""

    programs: tuple[str, ...]
    slow: bool
    allowed: Mapping[str, frozenset[str]]
    within_s: float


class Told(NamedTuple):
    """What a call was told, and after how long."""

    call: str
    what: str
    seconds: float


def rows() -> list[Row]:
    """Return the table's rows."""
    text = (CHECKOUT / "ARCHITECTURE.md").read_text().split(HEADING)[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [_row([cell.strip() for cell in line.strip("|").split("|")]) for line in lines]


def _row(cells: list[str]) -> Row:
    hurt, how, *answers, within, _users_see = cells
    names = [name.strip("` ") for name in hurt.split(",")]
    allowed = {
        family: frozenset(answer.replace("`", "").split(" or "))
        for family, answer in zip(FAMILIES, answers, strict=True)
    }
    return Row(tuple(PROGRAM_OF.get(name, name) for name in names), how == "slow", allowed, float(within))


class Calls:
    """The calls of each family, on an event, a booking and people made before anything is hurt."""

    def __init__(self, frontrow: Frontrow, organiser: Organiser) -> None:
        self._url = frontrow.instance.gateway_url
        self._somebody = organiser.somebody
        self._event_id = organiser.new_event(hold_seconds=600)
        self._booking_id = frontrow.accept(self._event_id, "A1")
        frontrow.outcome(self._booking_id)
        given_back = frontrow.client.delete(f"/api/bookings/{self._booking_id}")
        frontrow.command(given_back)
        self._command_id = given_back.json()["command_id"]
        self._frontrow = frontrow

    def log_in(self) -> None:
        """Begin a session: one of the first calls may be over by the last."""
        self._somebody = again(self._frontrow.client, self._somebody.user_id)

    def ask(self) -> dict[str, list[Told]]:
        """Ask everything at once, and return what each family was told."""
        asked = [(family, call) for family in FAMILIES if family != "health" for call in self._of(family)]
        with ThreadPoolExecutor(len(asked)) as threads:
            told = list(threads.map(lambda one: self._timed(*one[1]), asked))
        found: dict[str, list[Told]] = {family: [] for family in FAMILIES}
        for (family, _), one in zip(asked, told, strict=True):
            found[family].append(one)
        return found

    def health(self) -> Told:
        """Ask for the health alone: it is told of a change a moment later."""
        return self._timed("GET", "/health", {})

    def _of(self, family: str) -> list[tuple[str, str, Options]]:
        mine = {"headers": self._somebody.headers}
        booking, event = f"/api/bookings/{self._booking_id}", f"/api/events/{self._event_id}"
        body = {"user_id": "user-123", "event_id": self._event_id, "seat_id": "A2"}
        match family:
            case "book":
                return [
                    ("POST", "/api/book", {"json": body}),
                    ("POST", "/api/book", {"json": body, "headers": {"Prefer": "wait=1"}}),
                    ("POST", "/api/book", {"json": body, "headers": {"Idempotency-Key": uuid.uuid4().hex}}),
                    ("POST", "/api/book", {"json": body | {"user_id": self._somebody.user_id}, **mine}),
                ]
            case "change":
                return [("DELETE", booking, {}), ("PATCH", event, {"json": {"description": "Another one."}, **mine})]
            case "people":
                return [
                    ("GET", "/api/accounts/me", mine),
                    ("GET", "/api/sessions", mine),
                    ("POST", "/api/sessions", {"json": {"user_id": self._somebody.user_id, "password": PASSWORD}}),
                ]
            case "webhooks":
                return [("GET", "/api/webhooks", mine)]
            case "read":
                paths = (f"/api/events?q={uuid.uuid4().hex}", booking, f"/api/commands/{self._command_id}")
                lists = ("/api/bookings", f"{event}/bookings", f"{event}/bookings.csv")
                return [*(("GET", path, {}) for path in paths), *(("GET", path, dict(mine)) for path in lists)]
            case _:
                return [("GET", f"{event}/stream", {}), ("GET", f"{booking}/stream", {})]

    def _timed(self, method: str, path: str, options: Options) -> Told:
        began = time.monotonic()
        try:
            with httpx.Client(base_url=self._url, timeout=HANGS_S) as client:
                what = self._told(client, client.build_request(method, path, **options))
        except httpx.TransportError as error:
            what = type(error).__name__
        return Told(f"{method} {path}", what, time.monotonic() - began)

    def _told(self, client: httpx.Client, request: httpx.Request) -> str:
        """Return ``ok``, or what the problem is called; of a stream that goes on, the first message is enough."""
        answer = client.send(request, stream=True)
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            next(answer.iter_bytes())
            answer.close()
            return "ok"
        answer.read()
        if request.url.path == "/api/book":
            self._frontrow.remember(answer.status_code, answer.json())
        if answer.is_success:
            return "ok"
        return str(answer.json().get("type", answer.json().get("status"))).removeprefix("/problems/")
