"""The process as the supervisor sees it: ready, stopped by SIGTERM, and the rebuild as a command."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from contracts import views
from infra.native.services import inherited
from runtime.mongo import Mongo
from sync_service.ledger import Ledger
from sync_service.service import SyncService
from sync_service.view import View
from tests.eventually import eventually_async
from tests.integration.sync_service.conftest import Shown, running
from tests.integration.sync_service.seeding import Connection, add_event, book

OpenSession = Callable[[], Awaitable[Ledger]]
Start = Callable[..., Awaitable[Process]]

STOP_WITHIN_S = 15


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def environment(ledger: str, mongo_database: tuple[str, str]) -> dict[str, str]:
    url, name = mongo_database
    return {
        **inherited(),
        "FRONTROW_HTTP_HOST": "127.0.0.1",
        "FRONTROW_HTTP_PORT": str(_free_port()),
        "FRONTROW_POSTGRES_URL": f"{ledger} user=frontrow_sync_service",
        "FRONTROW_MONGO_URL": url,
        "FRONTROW_MONGO_DATABASE": name,
    }


@pytest.fixture
async def start(environment: dict[str, str]) -> AsyncIterator[Start]:
    """Starts the process; what a failed test leaves running is killed."""
    started: list[Process] = []

    async def start_one(*arguments: str, **changes: str) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sync_service", *arguments, env={**environment, **changes}, stdout=PIPE
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_the_process_is_ready_projects_and_stops_when_it_is_told(
    sql: Connection, environment: dict[str, str], start: Start, shown: Shown
) -> None:
    add_event(sql, "concert123")
    address = f"http://127.0.0.1:{environment['FRONTROW_HTTP_PORT']}"
    process = await start()
    async with httpx.AsyncClient(base_url=address) as client:

        async def is_ready() -> None:
            try:
                answer = await client.get("/health/ready")
            except httpx.TransportError:
                raise AssertionError from None
            assert answer.json() == {
                "status": "ok",
                "checks": {"ledger": True, "view": True, "view_is_of_this_ledger": True},
            }

        await eventually_async(is_ready)
        booking_id = book(sql, "concert123", "A1")
        await eventually_async(lambda: shown.booking(booking_id))

        async def is_counted() -> None:
            metrics = (await client.get("/metrics")).text
            assert "frontrow_sync_service_rows_total 4.0" in metrics
            assert "frontrow_sync_service_projection_lag_seconds 0.0" in metrics
            assert "frontrow_sync_service_active 1.0" in metrics

        await eventually_async(is_counted)
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), STOP_WITHIN_S)
    assert process.returncode == 0


async def test_a_frozen_projector_is_overtaken_and_harmless_when_it_thaws(
    sql: Connection, start: Start, shown: Shown, mongo: Mongo, open_session: OpenSession
) -> None:
    add_event(sql, "concert123")
    first = book(sql, "concert123", "A1")
    process = await start()
    await eventually_async(lambda: shown.booking(first))
    async with running(SyncService(open_session, View(mongo))):
        process.send_signal(signal.SIGSTOP)
        second = book(sql, "concert123", "A2")
        await eventually_async(lambda: shown.booking(second), within_s=60)
        process.send_signal(signal.SIGCONT)
        third = book(sql, "concert123", "A3")
        await eventually_async(lambda: shown.booking(third))
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), STOP_WITHIN_S)
        assert process.returncode == 0
    assert (await shown.all(views.BLOCKS))["concert123:0"]["status"] == "bbba"


async def test_the_rebuild_is_a_command(sql: Connection, start: Start, shown: Shown, mongo: Mongo) -> None:
    add_event(sql, "concert123")
    await mongo.insert_new(views.BOOKINGS, [{"_id": "bk_of_nobody"}])
    process = await start("rebuild")
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert b"The view is rebuilt" in said
    everything = await shown.everything()
    assert (list(everything["events"]), everything["bookings"]) == (["concert123"], {})


async def test_a_rebuild_without_a_ledger_says_so_and_can_be_tried_again(start: Start) -> None:
    process = await start("rebuild", FRONTROW_POSTGRES_URL=f"postgresql://x@127.0.0.1:{_free_port()}/x")
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 69
    assert b"try again" in said
