"""A ledger, a view, and the services between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from contracts import views
from runtime.mongo import Mongo
from sync_service.ledger import Ledger
from sync_service.service import SyncService
from sync_service.view import View
from tests.integration.sync_service.seeding import Connection, open_ledger

Document = dict[str, Any]


@pytest.fixture
def sql(ledger: str) -> Iterator[Connection]:
    """A session in the ledger, as superuser, that commits each statement."""
    with open_ledger(ledger) as connection:
        yield connection


@pytest.fixture
async def mongo(mongo_database: tuple[str, str]) -> AsyncIterator[Mongo]:
    url, name = mongo_database
    client = Mongo(url, name, timeout_s=5)
    yield client
    await client.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """What the view holds."""

    mongo: Mongo

    async def all(self, collection: str) -> dict[str, Document]:
        return {document["_id"]: document for document in await self.mongo.find(collection, {})}

    async def everything(self) -> dict[str, dict[str, Document]]:
        """Return all documents by collection and id; what is written last is read first, or half would be seen."""
        names = (views.COMMANDS, views.BOOKINGS, views.EVENTS, views.BLOCKS, views.LAYOUTS)
        return {name: await self.all(name) for name in names}

    async def booking(self, booking_id: str) -> Document:
        found = await self.mongo.find_one(views.BOOKINGS, booking_id)
        assert found is not None
        return found

    async def watermark(self) -> Document:
        found = await self.mongo.find_one(views.WATERMARK, views.WATERMARK_ID)
        assert found is not None
        return found


@pytest.fixture
def shown(mongo: Mongo) -> Shown:
    return Shown(mongo)


@pytest.fixture
async def open_session(ledger: str) -> AsyncIterator[Callable[[], Awaitable[Ledger]]]:
    """Opens sessions as the service's own role; whatever is still open is closed after the test."""
    opened: list[Ledger] = []

    async def open_one() -> Ledger:
        opened.append(await Ledger.connect(f"{ledger} user=frontrow_sync_service"))
        return opened[-1]

    yield open_one
    for session in opened:
        await session.close()


@asynccontextmanager
async def running(service: SyncService) -> AsyncIterator[SyncService]:
    """Let the service run, and stop it as SIGTERM does; what it raises fails the test."""
    task = asyncio.create_task(service.run())
    try:
        yield service
    finally:
        service.stop()
        await asyncio.wait_for(task, 15)


@pytest.fixture
async def service(open_session: Callable[[], Awaitable[Ledger]], mongo: Mongo) -> AsyncIterator[SyncService]:
    """A service that runs."""
    async with running(SyncService(open_session, View(mongo))) as started:
        yield started
