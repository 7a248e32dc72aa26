"""Who may do what: every call, as every kind of caller, on every kind of object. A new call is a new row.

A row says what each caller gets, in the order of ``CALLERS``. A number is the answer's status; ``done`` is a 202 whose
command was carried out. 403 is said at once where the ledger answers in time, by the worker in any case: both count.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
import pytest

from contracts.callers import Caller, Role
from contracts.tokens import LIFE_S, SigningKeys
from infra.secrets.files import read
from tests.frontrow import Frontrow
from tests.people import Somebody, again, an_operator, an_organiser, somebody

CALLERS = ("nobody", "owner", "another", "organiser", "operator", "expired")
DONE = "done"


@dataclass
class World:
    """The callers, and how to make a fresh object of each kind for one call."""

    frontrow: Frontrow
    headers: dict[str, dict[str, str]]
    owner: Somebody
    event_id: str
    seats: int = 0

    def booking(self, headers: dict[str, str], body: dict[str, str]) -> dict[str, Any]:
        """Hold a seat that nobody had."""
        self.seats += 1
        seat_id = f"{chr(ord('A') + (self.seats - 1) // 50)}{(self.seats - 1) % 50 + 1}"
        asked = {"event_id": self.event_id, "seat_id": seat_id, **body}
        answer = self.frontrow.client.post("/api/book", json=asked, headers={**headers, "Prefer": "wait=10"})
        self.frontrow.remember(answer.status_code, answer.json())
        assert answer.status_code == httpx.codes.OK, answer.text
        booking: dict[str, Any] = answer.json()
        assert booking["status"] == "held", booking
        self.frontrow.accepted.add(booking["booking_id"])
        return {"booking_id": booking["booking_id"], "seat_id": seat_id}


def no_object(world: World) -> dict[str, Any]:
    return {"event_id": world.event_id}


def a_guests_booking(world: World) -> dict[str, Any]:
    return world.booking({}, {"user_id": world.owner.user_id})


def an_accounts_booking(world: World) -> dict[str, Any]:
    return world.booking(world.headers["owner"], {})


def a_free_seat(world: World) -> dict[str, Any]:
    world.seats += 1
    seat_id = f"{chr(ord('A') + (world.seats - 1) // 50)}{(world.seats - 1) % 50 + 1}"
    return {"event_id": world.event_id, "seat_id": seat_id, "owner": world.owner.user_id}


def somebodys_account(world: World) -> dict[str, Any]:
    return {"user_id": somebody(world.frontrow.client).user_id}


def a_session_of_the_owner(world: World) -> dict[str, Any]:
    return {"session_id": again(world.frontrow.client, world.owner.user_id).tokens["session_id"]}


class Row(NamedTuple):
    call: str
    on: Callable[[World], dict[str, Any]]
    answers: tuple[int | str, ...]
    """In the order of ``CALLERS``."""
    body: dict[str, str] | None = None


# An event's own organiser is not told apart yet: until events say whose they are, an organiser is another customer.
ROWS = [
    # ------------------------------------------------ nobody owner another organiser operator expired
    Row("GET /api/events", no_object, (200, 200, 200, 200, 200, 200)),
    Row("GET /api/events/{event_id}", no_object, (200, 200, 200, 200, 200, 200)),
    Row("GET /api/events/{event_id}/availability", no_object, (200, 200, 200, 200, 200, 200)),
    Row("GET /health", no_object, (200, 200, 200, 200, 200, 200)),
    Row("GET /api/bookings", no_object, (401, 200, 200, 200, 200, 401)),
    Row("GET /api/bookings/{booking_id}", a_guests_booking, (200, 200, 200, 200, 200, 401)),
    Row("GET /api/bookings/{booking_id}", an_accounts_booking, (200, 200, 200, 200, 200, 401)),
    Row("DELETE /api/bookings/{booking_id}", a_guests_booking, (DONE, DONE, DONE, DONE, DONE, 401)),
    Row("DELETE /api/bookings/{booking_id}", an_accounts_booking, (403, DONE, 403, 403, DONE, 401)),
    Row("POST /api/bookings/{booking_id}/extension", a_guests_booking, (DONE, DONE, DONE, DONE, DONE, 401)),
    Row("POST /api/bookings/{booking_id}/extension", an_accounts_booking, (403, DONE, 403, 403, 403, 401)),
    Row("POST /api/book", a_free_seat, (422, 202, 202, 202, 202, 401), {"event_id": "", "seat_id": ""}),
    Row(
        "POST /api/book",
        a_free_seat,
        (202, 202, 403, 403, 403, 401),
        {"event_id": "", "seat_id": "", "user_id": "owner"},
    ),
    Row("GET /api/accounts/me", no_object, (401, 200, 200, 200, 200, 401)),
    Row("GET /api/sessions", no_object, (401, 200, 200, 200, 200, 401)),
    Row("DELETE /api/sessions/{session_id}", a_session_of_the_owner, (401, 204, 404, 404, 404, 401)),
    Row("PUT /api/accounts/{user_id}/role", somebodys_account, (401, 403, 403, 403, 200, 401), {"role": "=organiser"}),
]


@pytest.fixture(scope="module")
def world(frontrow: Frontrow) -> World:
    operator = an_operator(frontrow)
    people = {
        "owner": somebody(frontrow.client, "owner"),
        "another": somebody(frontrow.client),
        "organiser": an_organiser(frontrow, operator),
        "operator": operator,
    }
    headers = {name: person.headers for name, person in people.items()}
    event_id = frontrow.new_event(rows=3, seats_a_row=50, hold_seconds=600)
    expired = {"Authorization": f"Bearer {expired_token_of(frontrow, people['owner'])}"}
    return World(frontrow, {"nobody": {}, **headers, "expired": expired}, people["owner"], event_id)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.call} on {row.on.__name__} {row.body or ''}")
def test_everybody_may_what_the_table_says_and_no_more(world: World, row: Row) -> None:
    got = tuple(outcome_of(world, row, caller) for caller in CALLERS)
    assert dict(zip(CALLERS, got, strict=True)) == dict(zip(CALLERS, row.answers, strict=True))


def outcome_of(world: World, row: Row, caller: str) -> int | str:
    target = row.on(world)
    method, _, path = row.call.partition(" ")
    # An empty value is the target's field of that name, another's name is that field's, "=" says it literally.
    body = {
        name: value[1:] if value.startswith("=") else target[value or name] for name, value in (row.body or {}).items()
    }
    answer = world.frontrow.client.request(
        method, path.format(**target), headers=world.headers[caller], json=body or None
    )
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        assert answer.headers["content-type"] == "application/problem+json"
    if answer.status_code != httpx.codes.ACCEPTED or path == "/api/book":
        world.frontrow.remember(answer.status_code, answer.json() if path == "/api/book" else {})
        return answer.status_code
    ended = world.frontrow.command(answer)
    if (ended["status"], ended["reason"]) == ("refused", "forbidden"):
        return int(httpx.codes.FORBIDDEN)
    return str(ended["status"])


def test_only_the_owner_is_told_whose_a_booking_is(world: World) -> None:
    of_account, of_guest = an_accounts_booking(world), a_guests_booking(world)
    for booking in (of_account, of_guest):
        world.frontrow.outcome(booking["booking_id"])
    for caller in set(CALLERS) - {"expired"}:
        for booking, owner in ((of_account, world.owner.user_id), (of_guest, None)):
            answer = world.frontrow.client.get(f"/api/bookings/{booking['booking_id']}", headers=world.headers[caller])
            assert answer.json()["user_id"] == (owner if caller == "owner" else None)


def test_a_token_that_another_key_signed_is_nobodys(world: World) -> None:
    key = base64.b64encode(b"x" * 32).decode()
    forged = SigningKeys.model_validate({"current": "1", "keys": {"1": key}}).mint()
    operator = Caller("ac_x", "root", Role.OPERATOR, "s")
    headers = {"Authorization": f"Bearer {forged.mint(operator, now_s=int(time.time()))}"}
    for path in ("/api/accounts/me", "/api/bookings"):
        assert world.frontrow.client.get(path, headers=headers).status_code == httpx.codes.UNAUTHORIZED


def expired_token_of(frontrow: Frontrow, who: Somebody) -> str:
    keys = SigningKeys.model_validate_json(read(frontrow.instance.home, "write_api", "token_signing_keys"))
    caller = keys.public().reader().read(who.tokens["access_token"], now_s=time.time())
    assert caller is not None
    return keys.mint().mint(caller, now_s=int(time.time()) - LIFE_S - 1)
