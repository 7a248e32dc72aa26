"""Who may do what: every call, as every kind of caller, on every kind of object. A new call is a new row.

A row says what each caller gets, in the order of ``CALLERS``. A number is the answer's status; ``done`` is a 202 whose
command was carried out. 403 is said at once where the ledger answers in time, by the worker in any case: both count.
What a call does is told elsewhere; here it is who may.
"""

import base64
import json
import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest

from contracts.callers import Caller, Role
from contracts.tokens import SigningKeys
from tests.e2e import who_may as on
from tests.e2e.who_may import GUEST, On, World
from tests.frontrow import CHECKOUT, Frontrow
from tests.receiver import listening

CALLERS = ("nobody", "guest", "owner", "other", "organiser", "other organiser", "operator", "expired")
DONE = "done"

Outcome = int | str
Answers = tuple[Outcome, ...]


class Row(NamedTuple):
    call: str
    on: On
    answers: Answers
    """In the order of ``CALLERS``."""
    anew: bool = False
    """Whether the call ends the caller's own session, so that somebody new asks."""


def everybody(outcome: Outcome, *, expired: Outcome | None = None) -> Answers:
    """Return that all get the same. ``expired``: what who presents an old token gets, where tokens are looked at."""
    return (*[outcome] * 7, outcome if expired is None else expired)


def logged_in(outcome: Outcome) -> Answers:
    """Return that it is for whoever has a session."""
    return 401, 401, *[outcome] * 5, 401


def organisers(of_the_event: Outcome, others: Outcome = 403, operator: Outcome | None = None) -> Answers:
    """Return that it is nothing for customers."""
    return 401, 401, 403, 403, of_the_event, others, of_the_event if operator is None else operator, 401


def operators(outcome: Outcome) -> Answers:
    """Return that it is for operators alone."""
    return 401, 401, *[403] * 4, outcome, 401


ROWS = [
    # What everybody sees is the same for everybody: whatever says who asks is not looked at.
    Row("GET /api/events", on.nothing, everybody(200)),
    Row("GET /api/events/{event_id}", on.the_event, everybody(200)),
    Row("GET /api/events/{event_id}/sections/{section}", on.the_event, everybody(200)),
    Row("GET /api/events/{event_id}/availability", on.the_event, everybody(200)),
    Row("GET /api/events/{event_id}/layout", on.the_event, everybody(200)),
    Row("GET /api/events/{event_id}/stream", on.the_event, everybody(200)),
    Row("GET /api/productions", on.nothing, everybody(200)),
    Row("GET /api/productions/{production_id}", on.a_production, everybody(200)),
    Row("GET /health", on.nothing, everybody(200)),
    Row("GET /api/audit", on.nothing, everybody(200)),
    Row("GET /api/docs", on.nothing, everybody(200)),
    Row("GET /api/openapi.json", on.nothing, everybody(200)),
    # Whoever holds the id may look; what belongs to an account is its owner's to change, and the event's organiser's
    # and operators' to give back.
    # nobody, guest, owner, other, organiser, other organiser, operator, expired
    Row("POST /api/book", on.a_free_seat, (422, 202, 202, 202, 202, 202, 202, 401)),
    Row("POST /api/book", on.a_free_seat_in_the_owners_name, (202, 202, 202, 403, 403, 403, 403, 401)),
    Row("GET /api/bookings", on.nothing, logged_in(200)),
    Row("GET /api/bookings/{booking_id}", on.a_guests_booking, everybody(200, expired=401)),
    Row("GET /api/bookings/{booking_id}", on.an_accounts_booking, everybody(200, expired=401)),
    Row("GET /api/bookings/{booking_id}/stream", on.a_booking_that_is_over, everybody(200)),
    Row("DELETE /api/bookings/{booking_id}", on.a_guests_booking, everybody(DONE, expired=401)),
    Row("DELETE /api/bookings/{booking_id}", on.an_accounts_booking, (403, 403, DONE, 403, DONE, 403, DONE, 401)),
    Row("POST /api/bookings/{booking_id}/extension", on.a_guests_booking, everybody(DONE, expired=401)),
    Row(
        "POST /api/bookings/{booking_id}/extension",
        on.an_accounts_booking,
        (403, 403, DONE, 403, 403, 403, 403, 401),
    ),
    Row("POST /api/bookings/{booking_id}/payment", on.a_guests_booking_to_pay, everybody(DONE, expired=401)),
    Row(
        "POST /api/bookings/{booking_id}/payment",
        on.an_accounts_booking_to_pay,
        (403, 403, DONE, 403, 403, 403, 403, 401),
    ),
    # Looking takes the id alone; getting in takes being somebody, where that can be proved.
    Row("GET /api/bookings/{booking_id}/ticket", on.a_guests_ticket, everybody(200, expired=401)),
    Row("GET /api/bookings/{booking_id}/ticket", on.an_accounts_ticket, (403, 403, 200, 403, 200, 403, 200, 401)),
    Row("GET /api/bookings/{booking_id}/calendar", on.an_accounts_ticket, everybody(200, expired=401)),
    Row("GET /api/tickets/keys", on.nothing, everybody(200)),
    Row("GET /api/commands/{command_id}", on.a_booking_that_is_over, everybody(200, expired=401)),
    # Events are their organisers'.
    Row("POST /api/events", on.a_new_event, organisers(DONE, others=DONE)),
    Row("PATCH /api/events/{event_id}", on.an_event_to_change, organisers(DONE)),
    Row("POST /api/events/{event_id}/seats", on.a_draft, organisers(DONE)),
    Row("POST /api/events/{event_id}/open", on.an_event_to_open_or_close, organisers(DONE)),
    Row("POST /api/events/{event_id}/close", on.an_event_to_open_or_close, organisers(DONE)),
    Row("POST /api/events/{event_id}/block", on.seats_to_block, organisers(DONE)),
    Row("POST /api/events/{event_id}/release", on.seats_that_are_blocked, organisers(DONE)),
    Row("POST /api/events/{event_id}/cancel", on.an_event_to_call_off, organisers(DONE)),
    Row("GET /api/events/{event_id}/bookings", on.the_event, organisers(200)),
    Row("GET /api/events/{event_id}/bookings.csv", on.the_event, organisers(200)),
    Row("POST /api/events/{event_id}/check-ins", on.a_seat_to_check_in, organisers(DONE)),
    Row("GET /api/events/{event_id}/sales", on.the_event, organisers(200)),
    # The platform itself is operators'.
    Row("GET /api/system", on.nothing, operators(200)),
    Row("GET /api/dead-letters", on.nothing, operators(200)),
    Row("POST /api/dead-letters/{letter_id}/replay", on.no_letter, operators(404)),
    # Accounts and sessions are one's own. What a body proves needs no session, and an old one does no harm.
    Row("POST /api/accounts", on.a_new_account, everybody(201)),
    Row("GET /api/accounts/me", on.nothing, logged_in(200)),
    Row("GET /api/accounts/me/events", on.nothing, logged_in(200)),
    Row("DELETE /api/accounts/me", on.nothing, logged_in(204), anew=True),
    Row("PUT /api/accounts/{user_id}/role", on.somebodys_role, (401, 401, 403, 403, 403, 403, 200, 401)),
    Row("POST /api/sessions", on.a_password, everybody(201)),
    Row("GET /api/sessions", on.nothing, logged_in(200)),
    Row("POST /api/sessions/refresh", on.a_refresh_token, everybody(200)),
    Row("DELETE /api/sessions/current", on.nothing, logged_in(204), anew=True),
    Row("DELETE /api/sessions/{session_id}", on.a_session_of_the_owner, (401, 401, 204, 404, 404, 404, 404, 401)),
    Row("POST /api/password-resets", on.a_forgotten_password, everybody(202)),
    Row("POST /api/password-resets/confirmation", on.a_token_that_nobody_was_mailed, everybody(422)),
    # Webhooks are their owners', and nobody else's are there; operators have all.
    Row("POST /api/webhooks", on.an_endpoint_for_the_event, organisers(201)),
    Row("POST /api/webhooks", on.an_endpoint_for_ones_events, organisers(201, others=201)),
    Row("GET /api/webhooks", on.nothing, organisers(200, others=200)),
    Row("GET /api/webhooks/{webhook_id}", on.a_webhook, organisers(200, others=404)),
    Row("DELETE /api/webhooks/{webhook_id}", on.a_webhook, organisers(204, others=404)),
    Row("POST /api/webhooks/{webhook_id}/secret", on.a_webhook, organisers(200, others=404)),
    Row("POST /api/webhooks/{webhook_id}/activation", on.a_webhook, organisers(200, others=404)),
    Row("POST /api/webhooks/{webhook_id}/test", on.a_webhook, organisers(202, others=404)),
    Row("GET /api/webhooks/{webhook_id}/deliveries", on.a_webhook, organisers(200, others=404)),
    Row("POST /api/webhooks/{webhook_id}/deliveries/replay", on.a_webhook, organisers(202, others=404)),
    Row(
        "POST /api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
        on.a_delivery,
        organisers(202, others=404),
    ),
    # A payment provider signs what it says; a session is no signature.
    Row("POST /api/payments/webhook", on.nothing, everybody(401)),
]

NOT_IN_THE_DOCUMENT = {"GET /api/events/{event_id}/bookings.csv", "POST /api/payments/webhook"}
"""Another form of a page that is in it; and what is no client's to call."""


def test_every_call_of_the_document_has_its_row() -> None:
    paths = json.loads((CHECKOUT / "gateway" / "static" / "openapi.json").read_bytes())["paths"]
    methods = {"get", "put", "post", "delete", "patch", "head", "options"}
    calls = {f"{method.upper()} {path}" for path, item in paths.items() for method in methods & item.keys()}
    assert {row.call for row in ROWS} - NOT_IN_THE_DOCUMENT == calls


@pytest.fixture(scope="module")
def world(frontrow: Frontrow) -> Iterator[World]:
    with listening() as receiver:
        yield World.of(frontrow, receiver)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.call} on {row.on.__name__}")
def test_everybody_may_what_the_table_says_and_no_more(world: World, row: Row) -> None:
    got = {caller: outcome_of(world, row, caller) for caller in CALLERS}
    world.forget_webhooks()
    assert got == dict(zip(CALLERS, row.answers, strict=True))


def outcome_of(world: World, row: Row, caller: str) -> Outcome:
    thing = row.on(world)
    method, _, path = row.call.partition(" ")
    body = thing.body
    if row.call == "POST /api/book" and caller == "guest":
        body = {"user_id": GUEST, **(body or {})}
    headers = world.headers_of_a_new(caller) if row.anew else world.headers(caller)
    request = world.frontrow.client.build_request(method, path.format(**thing.path), headers=headers, json=body)
    if path.endswith("/stream"):
        return status_of_a_stream(world, request)
    answer = world.frontrow.client.send(request)
    world.frontrow.client.cookies.clear()
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        assert answer.headers["content-type"] == "application/problem+json"
    if row.call == "POST /api/book":
        world.frontrow.remember(answer.status_code, answer.json())
    elif row.call == "POST /api/webhooks" and answer.status_code == httpx.codes.CREATED:
        world.made.append(answer.headers["location"])
    if answer.status_code != httpx.codes.ACCEPTED or "command_id" not in answer.text:
        return answer.status_code
    ended = world.frontrow.command(answer)
    if (ended["status"], ended["reason"]) == ("refused", "forbidden"):
        return int(httpx.codes.FORBIDDEN)
    return str(ended["status"])


def status_of_a_stream(world: World, request: httpx.Request) -> int:
    """Return an answer's status; a stream goes on, and is let go."""
    answer = world.frontrow.client.send(request, stream=True)
    answer.close()
    return answer.status_code


def test_whose_a_booking_is_its_owner_its_organiser_and_operators_are_told(world: World) -> None:
    client = world.frontrow.client
    of_account, of_guest = (make(world).path["booking_id"] for make in (on.an_accounts_booking, on.a_guests_booking))
    for booking_id in (of_account, of_guest):
        world.frontrow.outcome(booking_id)
    told = {"owner", "organiser", "operator"}
    for caller in set(CALLERS) - {"expired"}:
        headers = world.headers(caller)
        answers = [client.get(f"/api/bookings/{one}", headers=headers).json() for one in (of_account, of_guest)]
        assert answers[0]["user_id"] == (world.owner.user_id if caller in told else None), caller
        assert answers[1]["user_id"] is None, "nobody keeps guests' names"
    for caller in ("organiser", "operator"):
        listed = client.get(f"/api/events/{world.event_id}/bookings", headers=world.headers(caller)).json()
        names = {booking["booking_id"]: booking["user_id"] for booking in listed}
        assert (names[of_account], names[of_guest]) == (world.owner.user_id, None)


def test_an_organiser_gives_back_a_booking_of_their_event_as_the_organiser(world: World) -> None:
    booking_id = on.an_accounts_booking(world).path["booking_id"]
    answer = world.frontrow.client.delete(f"/api/bookings/{booking_id}", headers=world.headers("organiser"))
    assert world.frontrow.command(answer)["status"] == "done"
    world.frontrow.becomes(booking_id, "cancelled", "by_organiser")


def test_a_token_that_another_key_signed_is_nobodys(world: World) -> None:
    key = base64.b64encode(b"x" * 32).decode()
    forged = SigningKeys.model_validate({"current": "1", "keys": {"1": key}}).mint()
    operator = Caller("ac_x", "root", Role.OPERATOR, "s")
    headers = {"Authorization": f"Bearer {forged.mint(operator, now_s=int(time.time()))}"}
    for path in ("/api/accounts/me", "/api/bookings", "/api/webhooks", f"/api/events/{world.event_id}/bookings"):
        assert world.frontrow.client.get(path, headers=headers).status_code == httpx.codes.UNAUTHORIZED
