"""Waiting for a booking, and for the view to reach a position: as long as asked for, and no longer."""

import asyncio
import time

import httpx
import pytest
from fastapi import FastAPI

from contracts.ids import ACCEPTANCE_BOUND_MS
from read_api.reaching import REACH_WITHIN_S
from runtime import http
from tests.integration.read_api.conftest import AS_OF, AS_OF_MS, ISSUED_AT_MS, Shown, issue
from tests.stalls import within

SOON_S = 5.0
"""Generous, for a busy machine: what is told apart are a moment and a wait of half a minute."""


async def test_who_waits_is_answered_when_the_booking_is_shown(client: httpx.AsyncClient, shown: Shown) -> None:
    booking_id = issue()
    waiting = [asyncio.create_task(client.get(f"/api/bookings/{booking_id}?wait=10")) for _ in range(20)]
    # A question of somebody else: by its answer the waiting ones have asked too.
    assert (await client.get(f"/api/bookings/{issue()}?wait=1")).json()["status"] == "pending"
    assert not any(task.done() for task in waiting)
    with within(SOON_S):
        await shown.booking(booking_id)
        answers = await asyncio.gather(*waiting)
    assert {answer.json()["status"] for answer in answers} == {"confirmed"}


async def test_who_waits_in_vain_is_told_pending_after_the_wait(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    with within(1 + SOON_S):
        answer = await client.get(f"/api/bookings/{issue()}?wait=1")
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")
    assert time.monotonic() - began >= 1


async def test_a_booking_that_is_shown_is_not_waited_for(client: httpx.AsyncClient, shown: Shown) -> None:
    booking_id = issue()
    await shown.booking(booking_id)
    with within(SOON_S):
        assert (await client.get(f"/api/bookings/{booking_id}?wait=30")).json()["status"] == "confirmed"


async def test_what_never_will_be_is_not_waited_for(client: httpx.AsyncClient, shown: Shown) -> None:
    await shown.watermark({"0": ISSUED_AT_MS + ACCEPTANCE_BOUND_MS + 1})
    with within(1 + SOON_S):
        answer = await client.get(f"/api/bookings/{issue()}?wait=30")
    assert answer.json()["reason"] == "never_accepted"


async def test_a_process_that_is_to_stop_lets_everybody_go(client: httpx.AsyncClient, app: FastAPI) -> None:
    waiting = asyncio.create_task(client.get(f"/api/bookings/{issue()}?wait=30"))
    await client.get(f"/api/bookings/{issue()}?wait=1")
    assert not waiting.done()
    http.stopping(app).set()
    with within(SOON_S):
        assert (await waiting).json()["status"] == "pending"


@pytest.mark.parametrize("wait", ["31", "-1", "soon", "1.5"])
async def test_a_wait_out_of_its_bounds_is_refused(client: httpx.AsyncClient, wait: str) -> None:
    answer = await client.get(f"/api/bookings/{issue()}?wait={wait}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
    assert answer.json()["errors"][0]["field"] == "wait"


@pytest.mark.parametrize("path", ["/api/events", "/api/events/e1", "/api/events/e1/availability"])
async def test_a_read_waits_until_the_view_has_reached_its_position(
    client: httpx.AsyncClient, shown: Shown, path: str
) -> None:
    await shown.watermark({"0": AS_OF_MS}, cursor=(744, 99))
    await shown.event("e1", "aa")
    waiting = asyncio.create_task(client.get(path, headers={"Frontrow-Min-Position": "745-12"}))
    assert (await client.get(path)).status_code == 200
    assert not waiting.done()
    await shown.watermark({"0": AS_OF_MS}, cursor=(745, 12))
    with within(SOON_S):
        answer = await waiting
    assert (answer.status_code, answer.headers["frontrow-as-of"]) == (200, AS_OF)


async def test_a_position_that_is_not_reached_is_answered_with_what_there_is(
    client: httpx.AsyncClient, shown: Shown
) -> None:
    booking_id = issue()
    await shown.watermark({"0": AS_OF_MS}, cursor=(744, 99))
    await shown.booking(booking_id)
    began = time.monotonic()
    with within(REACH_WITHIN_S + SOON_S):
        answer = await client.get(f"/api/bookings/{booking_id}", headers={"Frontrow-Min-Position": "999999-1"})
    assert (answer.status_code, answer.headers["frontrow-as-of"]) == (200, AS_OF)
    assert time.monotonic() - began >= REACH_WITHIN_S


async def test_what_is_no_position_is_refused_by_the_name_of_its_header(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/events", headers={"Frontrow-Min-Position": "yesterday"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
    assert answer.json()["errors"][0]["field"] == "Frontrow-Min-Position"
