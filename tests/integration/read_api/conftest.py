"""The application on a real MongoDB, and a view whose documents a test writes itself."""

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contracts import views
from contracts.callers import Caller, Role
from contracts.ids import BOOKING_PREFIX, DICE_BYTES, IdMint
from contracts.tokens import SigningKeys
from read_api.app import create_app
from read_api.settings import ReadApiSettings
from runtime import http
from runtime.mongo import Mongo
from tests.eventually import WITHIN_S, eventually_async

Headers = dict[str, str]

KEY = b"k" * 32
SIGNING_KEYS = SigningKeys.model_validate({"current": "1", "keys": {"1": base64.b64encode(KEY).decode()}})
ISSUED_AT_MS = 1_798_859_045_678
AS_OF_MS = ISSUED_AT_MS + 5_000
AS_OF = "2027-01-02T03:04:10.678Z"


@dataclass(frozen=True, slots=True)
class Shown:
    """The view, written as the projector writes it."""

    mongo: Mongo

    async def watermark(
        self, partitions: dict[str, int], incarnation: str = "ledger-1", cursor: tuple[int, int] = (0, 0)
    ) -> None:
        tx, row_id = cursor
        fields = {"incarnation": incarnation, "partitions": partitions, "cursor": {"tx": str(tx), "id": row_id}}
        await self.mongo.insert_new(views.WATERMARK, [{"_id": views.WATERMARK_ID, **fields}])
        await self.mongo.update(views.WATERMARK, {"_id": views.WATERMARK_ID}, {"$set": fields})

    async def event(
        self,
        event_id: str,
        *statuses: str,
        date: str = "2027-05-01T19:00:00Z",
        seats_total: int | None = None,
        version: int = 9,
        block_version: int = 3,
    ) -> None:
        """Show an event with a section and a block for each status string: section-A with A1, A2 and so on."""
        blocks, layouts = [], []
        for number, status in enumerate(statuses):
            letter = chr(ord("A") + number)
            key = {"_id": f"{event_id}:{number}", "event_id": event_id, "block": number, "section": f"section-{letter}"}
            blocks.append({**key, "status": status, "version": block_version})
            rows = [{"row": letter, "seat_ids": [f"{letter}{n + 1}" for n in range(len(status))]}]
            layouts.append({**key, "rows": rows, "price_minor": 4500, "currency": "EUR"})
        event = {
            "_id": event_id,
            "event_id": event_id,
            "name": f"Event {event_id}",
            "kind": "concert",
            "venue": "Hall",
            "time_zone": "Europe/Vienna",
            "date": date,
            "seats_total": seats_total or sum(map(len, statuses)),
            "seats_available": sum(status.count("a") for status in statuses),
            "partition": 0,
            "version": version,
        }
        await self.mongo.insert_new(views.LAYOUTS, layouts)
        await self.mongo.write_newer(views.BLOCKS, blocks)
        await self.mongo.write_newer(views.EVENTS, [event])

    async def block(self, event_id: str, number: int, status: str, version: int) -> None:
        """Show a block of an event anew, as the projector does: and only then the event."""
        block = {"_id": f"{event_id}:{number}", "event_id": event_id, "block": number, "status": status}
        await self.mongo.write_newer(views.BLOCKS, [{**block, "version": version}])

    async def booking_became(self, booking_id: str, version: int, **fields: Any) -> None:  # noqa: ANN401
        """Show a later version of a booking."""
        await self.mongo.write_newer(views.BOOKINGS, [{"_id": booking_id, "version": version, **fields}])

    async def booking(self, booking_id: str, **fields: Any) -> None:  # noqa: ANN401 - whatever a test changes
        booking = {
            "_id": booking_id,
            "event_id": "concert123",
            "principal": "p_somebody",
            "seat_ids": ["A2"],
            "status": "confirmed",
            "reason": None,
            "conflicts": [],
            "requested_at": "2027-01-02T03:04:05.678Z",
            "decided_at": "2027-01-02T03:04:05.700Z",
            "expires_at": None,
            "version": 1,
            "position": "745-12",
        }
        await self.mongo.insert_new(views.BOOKINGS, [{**booking, **fields}])


def issue(partition: int = 0, prefix: str = BOOKING_PREFIX, key: bytes = KEY) -> str:
    """Return an id as write_api issues it."""
    return IdMint({1: key}, 1).issue(
        prefix, issued_at_ms=ISSUED_AT_MS, partition=partition, dice=os.urandom(DICE_BYTES)
    )


def session_of(user_id: str, principal: str, role: Role = Role.CUSTOMER, *, issued_s: float | None = None) -> Headers:
    """Return the header of somebody's session."""
    now_s = int(time.time() if issued_s is None else issued_s)
    token = SIGNING_KEYS.mint().mint(Caller(principal, user_id, role, "s"), now_s=now_s)
    return {"Authorization": f"Bearer {token}"}


def settings_for(mongo_url: str, database: str) -> ReadApiSettings:
    keys = json.dumps({"current": 1, "keys": {"1": base64.b64encode(KEY).decode()}})
    return ReadApiSettings.model_validate(
        {
            "http_host": "127.0.0.1",
            "http_port": 0,
            "mongo_url": mongo_url,
            "mongo_database": database,
            "booking_id_keys": keys,
            "keyed_id_key": base64.b64encode(KEY).decode(),
            "ticket_signing_keys": json.dumps({"current": "1", "keys": {"1": base64.b64encode(KEY).decode()}}),
            "token_public_keys": json.dumps(
                {"keys": {"1": base64.b64encode(SIGNING_KEYS.public().keys["1"]).decode()}}
            ),
        }
    )


@pytest.fixture
async def shown(mongo_database: tuple[str, str]) -> AsyncIterator[Shown]:
    url, name = mongo_database
    mongo = Mongo(url, name, timeout_s=5)
    yield Shown(mongo)
    await mongo.close()


@pytest.fixture
def app(mongo_database: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Return the application, patient with a MongoDB that is there: how soon it gives up is ``test_view_away``'s."""
    monkeypatch.setattr("read_api.app.ANSWER_WITHIN_S", WITHIN_S)
    return create_app(settings_for(*mongo_database))


@pytest.fixture
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Yield the address of the application as uvicorn serves it, for answers that do not end."""
    server = http.server(app, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())

    async def started() -> None:
        assert server.started

    await eventually_async(started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://read-api") as client,
    ):
        yield client
