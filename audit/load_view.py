"""Reads the view, document by document where it is big, as a user who may only read.

The checker is a program that asks one thing after another, so it uses PyMongo's own blocking client; ``runtime.mongo``
is the services' door.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

from pymongo import MongoClient
from pymongo.database import Database

from audit.history import Account, ShownBooking, ShownCommand, View
from audit.load_ledger import LedgerPosition
from audit.settings import ReadSettings
from contracts import views
from contracts.outcomes import Offer, SeatCheckIn

TIMEOUT_MS: Final = 5_000
DOCUMENTS_AT_ONCE: Final = 5_000

T = TypeVar("T")
_Document = dict[str, Any]


class Watermark(NamedTuple):
    """How far the view is complete, and of which ledger; ``partitions`` in ms of the log's time.

    ``people``: up to which change of an account names are shown; ``outcome``: which one is at the cursor, where known.
    """

    incarnation: str
    cursor: LedgerPosition
    partitions: Mapping[int, int]
    people: LedgerPosition = LedgerPosition(0, 0)
    outcome: str | None = None


class ViewReader(AbstractContextManager["ViewReader"]):
    """A connection to the view."""

    def __init__(self, settings: ReadSettings) -> None:
        self._client: MongoClient[_Document] = MongoClient(
            settings.mongo_url,
            appname="frontrow audit",
            serverSelectionTimeoutMS=TIMEOUT_MS,
            connectTimeoutMS=TIMEOUT_MS,
            readConcernLevel="majority",
            **cast("dict[str, Any]", settings.view_login),
        )
        self.database: Database[_Document] = self._client[settings.mongo_database]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def watermark(self) -> Watermark:
        """Return the view's watermark; a view that was never written stands before everything."""
        found = self.database[views.WATERMARK].find_one({"_id": views.WATERMARK_ID})
        if found is None or "cursor" not in found:
            return Watermark("", LedgerPosition(0, 0), {})
        cursor = LedgerPosition(int(found["cursor"]["tx"]), found["cursor"]["id"])
        people = found.get("people", {"tx": "0", "id": 0})
        return Watermark(
            found["incarnation"],
            cursor,
            {int(p): ms for p, ms in found["partitions"].items()},
            LedgerPosition(int(people["tx"]), people["id"]),
            found["cursor"].get("outcome"),
        )

    def view(self, told: Watermark, moved: Callable[[], bool], people_moved: Callable[[], bool]) -> View:
        """Return the view; ``told``: its watermark before the ledger's snapshot, ``moved``: has it gone on since."""
        return View(
            incarnation=self.watermark().incarnation,
            events=cast("Mapping[str, views.EventView]", self._all(views.EVENTS)),
            layouts=cast("Mapping[str, views.LayoutView]", self._all(views.LAYOUTS)),
            blocks=cast("Mapping[str, views.BlockView]", self._all(views.BLOCKS)),
            bookings=_Documents(self.database, views.BOOKINGS, booking_of),
            commands=_Documents(self.database, views.COMMANDS, command_of),
            moved=moved,
            shown_to_ms=told.partitions,
            people={
                key: Account(key, person["user_id"], person["version"])
                for key, person in self._all(views.PEOPLE).items()
            },
            people_moved=people_moved,
            sales=cast("Mapping[str, views.SalesView]", self._all(views.SALES)),
        )

    def _all(self, collection: str) -> dict[str, _Document]:
        return {document["_id"]: document for document in self.database[collection].find()}


class _Documents(Generic[T]):
    """The documents of one collection in order of id, walkable again and again."""

    def __init__(self, database: Database[_Document], collection: str, make: Callable[[_Document], T]) -> None:
        self._collection = database[collection]
        self._make = make

    def __iter__(self) -> Iterator[T]:
        found = self._collection.find(sort=[("_id", 1)], batch_size=DOCUMENTS_AT_ONCE)
        return map(self._make, found)


def booking_of(document: _Document) -> ShownBooking:
    """Return what a document of ``bookings`` shows."""
    return ShownBooking(
        document["_id"],
        document["event_id"],
        document["principal"],
        tuple(document["seat_ids"]),
        document["status"],
        document["reason"],
        tuple(document["conflicts"]),
        _ms(document["requested_at"]),
        _ms(document["decided_at"]),
        _ms(document["expires_at"]) if document["expires_at"] is not None else None,
        document["version"],
        _offer(document["offer"]) if document.get("offer") else None,
        tuple(
            SeatCheckIn(one["seat_id"], _ms(one["checked_in_at"]), one["by"], one["gate"])
            for one in document.get("check_ins", ())
        ),
    )


def _offer(offer: _Document) -> Offer:
    return Offer(offer["offer_id"], tuple(offer["seat_ids"]), _ms(offer["expires_at"]))


def command_of(document: _Document) -> ShownCommand:
    """Return what a document of ``commands`` shows."""
    kind, target, status, reason = (document[name] for name in ("kind", "target", "status", "reason"))
    return ShownCommand(document["_id"], kind, target, status, reason, document.get("seat_id"))


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
