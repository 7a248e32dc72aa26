"""MongoDB away: callers are told so within about a second, and it heals by itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from read_api.app import create_app
from tests.eventually import eventually_async
from tests.integration.proxy import Proxy
from tests.integration.read_api.conftest import AS_OF_MS, Shown, issue, settings_for
from tests.stalls import within

PATHS = ("/api/events", "/api/events/concert123", f"/api/bookings/{issue()}")
TOLD_WITHIN_S = 5.0
"""Generous, for a busy machine: what is told apart are the second that is promised and the half minute that a
driver waits which was not told how long."""


@dataclass(frozen=True, slots=True)
class Behind:
    """An application whose MongoDB is behind a proxy."""

    proxy: Proxy
    client: httpx.AsyncClient

    async def works(self) -> None:
        for path in PATHS:
            assert (await self.client.get(path)).status_code == 200
        assert (await self.client.get("/health/ready")).status_code == 200


@pytest.fixture
async def behind(mongo_database: tuple[str, str], shown: Shown) -> AsyncIterator[Behind]:
    url, name = mongo_database
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "ab")
    async with Proxy.before(url) as proxy:
        app = create_app(settings_for(proxy.instead(url), name))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://read-api") as client,
        ):
            yield Behind(proxy, client)


async def _is_told(client: httpx.AsyncClient, path: str) -> None:
    with within(TOLD_WITHIN_S):
        answer = await client.get(path, headers={"X-Request-Id": "r-1"})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/view-unavailable")
    assert answer.headers["retry-after"] in {"1", "2", "3"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["instance"] == "r-1"


@pytest.mark.parametrize("frozen", [False, True], ids=["gone", "frozen"])
async def test_a_crowd_is_told_at_once_and_served_again_after(behind: Behind, frozen: bool) -> None:  # noqa: FBT001
    await behind.works()
    if frozen:
        behind.proxy.freeze()
    else:
        await behind.proxy.cut()
    await asyncio.gather(*(_is_told(behind.client, path) for path in PATHS * 50))
    for path in PATHS:
        await _is_told(behind.client, path)
    ready = await behind.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]) == (503, {"view": False})
    if frozen:
        behind.proxy.thaw()
    else:
        await behind.proxy.start()
    await eventually_async(behind.works)


async def test_what_cannot_be_there_is_not_found_without_a_query(behind: Behind) -> None:
    await behind.proxy.cut()
    assert (await behind.client.get("/api/bookings/bk_" + "A" * 36)).status_code == 404
    assert (await behind.client.get("/api/events/a%20b")).status_code == 404
