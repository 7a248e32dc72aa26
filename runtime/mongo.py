"""MongoDB: the one door to it, and the only module that knows motor.

motor is past its end of life and takes critical fixes only; the change to PyMongo's own asynchronous client is this
file. Who enters gives names of collections and plain documents, and gets plain documents back.

When MongoDB is away, or slower than ``timeout_s``, every call raises ``MongoAwayError`` within that time, and the
client finds its way back by itself. A caller that must answer people at once sets ``fail_fast_s``: for so long after a
failure calls are refused without trying, but for one at a time that looks whether the server is back.

At most ``CALLS_AT_ONCE`` calls are with the server; the rest wait here, and their time-out begins with their turn. So a
crowd of callers is not taken for a server that is away, and when it is away, the crowd is told as soon as the first few
know.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

from runtime.mongo_watch import AWAY_AFTER_S, Told, Watch

Document = dict[str, Any]
Sort = Sequence[tuple[str, int]]

MAX_FOUND: Final = 10_000
"""Most documents that one call brings into memory; every caller's own bound lies below."""
CALLS_AT_ONCE: Final = 8
"""As many as motor has threads for, on two cores, less two for looking whether the server is there."""
SELECTION_SHARE: Final = 0.8
"""The part of the time-out that may go by looking for a server, so that the reason reaches us before the time-out."""

_DUPLICATE_KEY: Final = 11_000
_NAMESPACE_EXISTS: Final = 48
_COMING_OR_GOING: Final = frozenset({91, 133, 134, 189, 262, 11600, 11602})
"""Refusals of a server that starts, stops or changes its role; PyMongo raises ConnectionFailure for the rest."""
_T = TypeVar("_T")


class MongoAwayError(Exception):
    """MongoDB cannot be reached or did not answer in time; what was asked may or may not have been done."""


class Mongo:
    """One database of a MongoDB deployment, for one event loop. Connects with the first call."""

    def __init__(
        self, url: str, database: str, *, user: str = "", password: str = "", timeout_s: float, fail_fast_s: float = 0
    ) -> None:
        self._address: dict[str, Any] = {"host": url, "appname": "frontrow"}
        if user:
            self._address |= {"username": user, "password": password}
        options: dict[str, Any] = {
            "w": "majority",
            "readConcernLevel": "majority",  # never show what a failover could take back
            "timeoutMS": int(timeout_s * 1000),
            "serverSelectionTimeoutMS": int(timeout_s * 1000 * SELECTION_SHARE),
            "connectTimeoutMS": int(timeout_s * 1000),
            "heartbeatFrequencyMS": 2_000,
        }
        self._client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(**self._address, **options)
        self._database = self._client[database]
        self._timeout_s = timeout_s
        self._fail_fast_s = fail_fast_s
        self._refuse_until: float | None = None
        self._turns = asyncio.Semaphore(CALLS_AT_ONCE)

    async def ping(self) -> None:
        """Return when the server answers; does not wait for its turn."""
        await self._ask(lambda: self._database.command("ping"))

    async def find_one(self, collection: str, key: str) -> Document | None:
        """Return the document whose ``_id`` is ``key``."""
        found: Document | None = await self._run(lambda: self._database[collection].find_one({"_id": key}))
        return found

    async def find(
        self, collection: str, query: Mapping[str, object], *, sort: Sort = (), limit: int = MAX_FOUND
    ) -> list[Document]:
        """Return at most ``limit`` documents."""
        options = {"sort": list(sort)} if sort else {}
        cursor = self._database[collection].find(dict(query), limit=limit, batch_size=limit, **options)
        found: list[Document] = await self._run(lambda: cursor.to_list(limit))
        return found

    async def aggregate(
        self, collection: str, pipeline: Sequence[Mapping[str, object]], *, at_one_moment: bool = False
    ) -> list[Document]:
        """Return what the pipeline gives. ``at_one_moment``: all of it as it was between two changes."""
        concern = ReadConcern("snapshot") if at_one_moment else None
        cursor = self._database.get_collection(collection, read_concern=concern).aggregate(list(pipeline))
        found: list[Document] = await self._run(lambda: cursor.to_list(MAX_FOUND))
        return found

    async def insert_new(self, collection: str, documents: Sequence[Mapping[str, object]]) -> None:
        """Insert these; one whose ``_id`` is there already is left as it is, which is success: it came before."""
        if documents:
            await self._bulk(lambda: self._database[collection].insert_many(documents, ordered=False))

    async def write_newer(self, collection: str, documents: Iterable[Mapping[str, object]]) -> None:
        """Write these whole documents where none of the same or a higher ``version`` is there.

        Where one is, the upsert tries to insert and fails with a duplicate key, which is success: the newer one stays.
        """
        writes = [
            UpdateOne(
                {"_id": document["_id"], "version": {"$lt": document["version"]}}, {"$set": document}, upsert=True
            )
            for document in documents
        ]
        if writes:
            await self._bulk(lambda: self._database[collection].bulk_write(writes, ordered=False))

    async def update(self, collection: str, query: Mapping[str, object], change: Mapping[str, object]) -> bool:
        """Change the one document of ``query``; False when there is none."""
        done = await self._run(lambda: self._database[collection].update_one(dict(query), dict(change)))
        return bool(done.matched_count)

    async def ensure_collection(
        self, collection: str, *indexes: Sort, only: Mapping[str, object] | None = None
    ) -> None:
        """Create the collection and these indexes where they are missing; ``only``: of which documents they are."""
        options: dict[str, Any] = {"partialFilterExpression": dict(only)} if only is not None else {}
        if collection not in await self._run(self._database.list_collection_names):
            try:
                await self._run(lambda: self._database.create_collection(collection))
            except OperationFailure as refused:
                if refused.code != _NAMESPACE_EXISTS:  # another process was faster
                    raise
        for keys in indexes:
            await self._run(partial(self._database[collection].create_index, list(keys), **options))

    async def drop(self, collection: str) -> None:
        """Remove the collection, if it is there."""
        await self._run(self._database[collection].drop)

    async def replace_collection(self, collection: str, by: str) -> None:
        """Let the collection ``by`` take the name of ``collection``, whose documents go, in one step."""
        await self._run(lambda: self._database[by].rename(collection, dropTarget=True))

    def watch(self, collections: Sequence[str], told: Told) -> Watch:
        """Return what follows these collections, not started. It has a client of its own: no time-out of an answer."""
        client: MongoClient[Document] = MongoClient(
            **self._address,
            readConcernLevel="majority",
            socketTimeoutMS=int(AWAY_AFTER_S * 1000),
            connectTimeoutMS=int(self._timeout_s * 1000),
            serverSelectionTimeoutMS=int(self._timeout_s * 1000),
            maxPoolSize=1,
            connect=False,
        )
        return Watch(client, self._database.name, collections, told)

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        self._client.close()

    async def _bulk(self, call: Callable[[], Awaitable[object]]) -> None:
        try:
            await self._run(call)
        except BulkWriteError as failed:
            details = failed.details or {}
            if any(error["code"] != _DUPLICATE_KEY for error in details.get("writeErrors", ())):
                raise
            if details.get("writeConcernErrors"):
                msg = "MongoDB did not confirm the write"
                raise MongoAwayError(msg) from failed

    async def _run(self, call: Callable[[], Awaitable[_T]]) -> _T:
        async with self._turns:
            return await self._ask(call)

    async def _ask(self, call: Callable[[], Awaitable[_T]]) -> _T:
        if self._refuse_until is not None:
            now = time.monotonic()
            if now < self._refuse_until:
                msg = "MongoDB was away a moment ago"
                raise MongoAwayError(msg)
            # This call looks whether the server is back; the others are refused until it knows.
            self._refuse_until = now + self._timeout_s
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await call()
        except (ConnectionFailure, ExecutionTimeout, WTimeoutError, InvalidOperation, TimeoutError) as error:
            # InvalidOperation: a closed client, in a process on its way out.
            self._refuse_until = time.monotonic() + self._fail_fast_s if self._fail_fast_s else None
            raise MongoAwayError(type(error).__name__) from error
        except BaseException as error:
            self._refuse_until = None  # refused, not away; or the caller has gone and the next one may look
            if isinstance(error, OperationFailure) and error.code in _COMING_OR_GOING:
                raise MongoAwayError(type(error).__name__) from error
            raise
        self._refuse_until = None
        return result
