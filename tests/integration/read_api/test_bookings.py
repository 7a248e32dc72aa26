"""What became of a request, by the id that was issued for it."""

import asyncio
import json
import string
import time
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from contracts import problems
from contracts.ids import ACCEPTANCE_BOUND_MS, IdMint
from contracts.tokens import LIFE_S
from contracts.views import BookingView
from read_api.bookings import BookingPages
from read_api.view import View
from read_api.waiting import BookingWaits
from runtime.credentials import Credentials
from tests.eventually import eventually_async
from tests.integration.read_api.conftest import AS_OF, AS_OF_MS, ISSUED_AT_MS, KEY, Shown, issue, session_of


async def test_a_decided_booking_is_shown_without_its_owner(client: httpx.AsyncClient, shown: Shown) -> None:
    booking_id = issue()
    await shown.watermark({"0": AS_OF_MS})
    await shown.booking(booking_id)
    answer = await client.get(f"/api/bookings/{booking_id}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["frontrow-as-of"] == AS_OF
    assert answer.json() == {
        "booking_id": booking_id,
        "event_id": "concert123",
        "seat_ids": ["A2"],
        "status": "confirmed",
        "reason": None,
        "user_id": None,
        "requested_at": "2027-01-02T03:04:05.678Z",
        "decided_at": "2027-01-02T03:04:05.700Z",
        "expires_at": None,
        "version": 1,
        "position": "745-12",
    }
    assert answer.headers["frontrow-position"] == "745-12"


@pytest.mark.parametrize(
    ("of", "headers"),
    [
        ("shown", {}),
        ("shown", session_of("anna", "p_anna")),
        ("shown", {"Frontrow-Min-Position": "no position"}),
        ("shown", {"Frontrow-Min-Position": "1-1"}),
        ("shown", {"Authorization": "Bearer nobody's"}),
        ("issued", {}),
        ("forged", {}),
    ],
)
async def test_the_page_says_the_same_before_the_framework_and_within(
    client: httpx.AsyncClient, shown: Shown, of: str, headers: dict[str, str]
) -> None:
    booking_id = issue()
    await shown.watermark({"0": AS_OF_MS})
    if of == "shown":
        await shown.booking(booking_id, principal="p_anna")
    path = f"/api/bookings/{booking_id if of != 'forged' else 'bk_' + 'A' * 36}"
    directly, within = [await client.get(path, params=query, headers=headers) for query in ({}, {"wait": 0})]
    assert (directly.status_code, directly.headers, directly.content) == (
        within.status_code,
        within.headers,
        within.content,
    )


async def test_whose_booking_it_is_shows_to_its_owner_alone(client: httpx.AsyncClient, shown: Shown) -> None:
    booking_id = issue()
    await shown.booking(booking_id, principal="p_anna")
    path = f"/api/bookings/{booking_id}"
    by_owner = await client.get(path, headers=session_of("anna", "p_anna"))
    assert (by_owner.status_code, by_owner.json()["user_id"]) == (200, "anna")
    by_another = await client.get(path, headers=session_of("anna", "p_another"))
    assert (by_another.status_code, by_another.json()["user_id"]) == (200, None)


async def test_a_session_that_is_over_is_told_so_and_not_taken_for_a_guest(
    client: httpx.AsyncClient, shown: Shown
) -> None:
    booking_id = issue()
    await shown.booking(booking_id, principal="p_anna")
    expired = session_of("anna", "p_anna", issued_s=time.time() - LIFE_S)
    answer = await client.get(f"/api/bookings/{booking_id}", headers=expired)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="frontrow", error="invalid_token"'


async def test_a_refusal_for_a_taken_seat_names_it(client: httpx.AsyncClient, shown: Shown) -> None:
    booking_id = issue()
    await shown.booking(booking_id, status="rejected", reason="seat_taken", conflicts=["A2"])
    body = (await client.get(f"/api/bookings/{booking_id}")).json()
    assert (body["status"], body["reason"], body["conflicts"]) == ("rejected", "seat_taken", ["A2"])


async def test_an_issued_id_that_is_not_decided_yet_is_pending(client: httpx.AsyncClient) -> None:
    booking_id = issue()
    answer = await client.get(f"/api/bookings/{booking_id}")
    assert answer.status_code == 200
    assert answer.json() == {
        "booking_id": booking_id,
        "event_id": None,
        "seat_ids": None,
        "status": "pending",
        "reason": None,
        "user_id": None,
        "requested_at": None,
        "decided_at": None,
        "expires_at": None,
        "version": 0,
        "position": None,
    }
    assert "frontrow-position" not in answer.headers


async def test_an_id_is_pending_until_the_view_is_complete_past_its_bound(
    client: httpx.AsyncClient, shown: Shown
) -> None:
    booking_id = issue(partition=3)
    bound_ms = ISSUED_AT_MS + ACCEPTANCE_BOUND_MS

    async def status() -> tuple[str, str | None]:
        body = (await client.get(f"/api/bookings/{booking_id}")).json()
        return body["status"], body["reason"]

    # Complete on other partitions, and on its own up to the bound but not past it: a command may still be on its way.
    await shown.watermark({"3": bound_ms, "0": bound_ms + 60_000})
    assert await status() == ("pending", None)
    await shown.watermark({"3": bound_ms + 1})

    async def is_settled() -> None:
        assert await status() == ("failed", "never_accepted")

    await eventually_async(is_settled)


async def test_a_booking_that_is_shown_is_never_told_never_accepted(client: httpx.AsyncClient, shown: Shown) -> None:
    booking_id = issue()
    await shown.watermark({"0": ISSUED_AT_MS + 10 * ACCEPTANCE_BOUND_MS})
    await shown.booking(booking_id)
    assert (await client.get(f"/api/bookings/{booking_id}")).json()["status"] == "confirmed"


async def test_an_id_with_one_character_changed_was_never_issued(client: httpx.AsyncClient) -> None:
    booking_id = issue()
    for place, character in enumerate(booking_id):
        other = next(c for c in string.ascii_letters if c != character)
        answer = await client.get(f"/api/bookings/{booking_id[:place]}{other}{booking_id[place + 1 :]}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize("booking_id", ["x", "bk_", "bk_" + "A" * 36, "bk_" + "A" * 35, "%00", "é"])
async def test_an_id_that_was_never_issued_is_not_found(client: httpx.AsyncClient, booking_id: str) -> None:
    assert (await client.get(f"/api/bookings/{booking_id}")).status_code == 404


async def test_an_id_of_another_key_or_kind_is_not_found(client: httpx.AsyncClient) -> None:
    for other in (issue(key=b"x" * 32), issue(prefix="cm")):
        assert (await client.get(f"/api/bookings/{other}")).status_code == 404


class _Projected(View):
    """A view in which the booking is projected right after somebody looked for it and did not find it."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown.mongo)
        self._shown = shown

    async def booking(self, booking_id: str) -> BookingView | None:
        found = await super().booking(booking_id)
        await self._shown.booking(booking_id)
        await self._shown.watermark({"0": ISSUED_AT_MS + 10 * ACCEPTANCE_BOUND_MS})
        return found


async def test_a_booking_that_is_projected_while_it_is_looked_for_is_pending_not_never_accepted(shown: Shown) -> None:
    await shown.watermark({"0": ISSUED_AT_MS})
    view = _Projected(shown)
    nobody = Credentials[Any](
        lambda _token: None, unauthenticated=problems.UNAUTHENTICATED, forbidden=problems.FORBIDDEN
    )
    pages = BookingPages(view, IdMint({1: KEY}, 1), BookingWaits(view, asyncio.Event()), nobody)
    request = Request({"type": "http", "method": "GET", "headers": []})
    assert json.loads(bytes((await pages.booking(request, issue())).body))["status"] == "pending"
