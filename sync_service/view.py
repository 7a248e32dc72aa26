"""The view: what the projector writes to MongoDB, in an order that never shows a thing before what it rests on.

Layouts, then blocks, events, bookings and commands, and the watermark with the cursor last: whatever the process dies
between, the cursor has not passed it, and the next projector does it again. Doing it again is harmless, since blocks
and events only ever get newer, and bookings are inserted once and then only ever get newer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Self, cast

from contracts import views
from contracts.views import (
    BlockView,
    BookingChange,
    BookingView,
    CommandView,
    EventView,
    LayoutView,
    PersonView,
    SalesView,
    WatermarkView,
)
from runtime.mongo import Document, Mongo, MongoAwayError, Sort
from sync_service.feed import START, Cursor, Position

COLLECTIONS: Final[Mapping[str, Sequence[Sort]]] = {
    views.LAYOUTS: [[("event_id", 1), ("block", 1)]],
    views.BLOCKS: [[("event_id", 1), ("block", 1)]],
    views.EVENTS: [
        [("date", 1), ("_id", 1)],
        [("kind", 1), ("date", 1), ("_id", 1)],
        [("production_id", 1), ("date", 1), ("_id", 1)],
        [("local_day", 1), ("date", 1), ("_id", 1)],
        [("organiser", 1), ("date", 1), ("_id", 1)],
        [("words", 1)],
        [("place_key", 1), ("date", 1)],
        [("origin_key", 1), ("destination_key", 1), ("date", 1)],
    ],
    views.BOOKINGS: [[("event_id", 1), ("_id", 1)]],
    views.COMMANDS: [],
    views.SALES: [],
    views.WATERMARK: [],
}
"""Every collection that is made of the feed, with its indexes, in the order in which they are written.

Names (``views.PEOPLE``) are none of them: a rebuild leaves no copy of a name behind, wherever it breaks."""
PARTLY_INDEXED: Final[Mapping[str, tuple[Sequence[Sort], Mapping[str, object]]]] = {
    views.BOOKINGS: ([[("principal", 1), ("requested_at", -1), ("_id", -1)]], views.OWNED)
}
"""Indexes that hold only some of a collection's documents, and which."""
BY_NAME: Final[Sequence[Sort]] = [[("user_id", 1)]]
"""By which names are found by their beginning."""

_SHADOW: Final = "_rebuild"


class View:
    """The collections of one view."""

    def __init__(self, mongo: Mongo, suffix: str = "") -> None:
        self._mongo = mongo
        self._suffix = suffix

    @property
    def shadow(self) -> Self:
        """The same view under other names, where nobody reads it."""
        return type(self)(self._mongo, _SHADOW)

    async def prepare(self) -> None:
        """Create the collections and indexes that are missing."""
        for name, indexes in COLLECTIONS.items():
            await self._mongo.ensure_collection(name + self._suffix, *indexes)
            partly, only = PARTLY_INDEXED.get(name, ((), {}))
            await self._mongo.ensure_collection(name + self._suffix, *partly, only=only)
        if not self._suffix:
            await self._mongo.ensure_collection(views.PEOPLE, *BY_NAME)

    async def drop(self) -> None:
        """Remove all of it."""
        for name in COLLECTIONS:
            await self._mongo.drop(name + self._suffix)

    async def show(self) -> None:
        """Take the place of the view that is read, the watermark last, one collection after the other."""
        for name in COLLECTIONS:
            await self._mongo.replace_collection(name, by=name + self._suffix)

    async def ping(self) -> None:
        """Return when MongoDB answers."""
        await self._mongo.ping()

    async def cursor(self) -> tuple[str, Cursor]:
        """Return the incarnation and the cursor up to which the view is complete; it was begun."""
        found = await self._mongo.find_one(views.WATERMARK + self._suffix, views.WATERMARK_ID)
        if found is None:
            msg = "the watermark went missing"
            raise MongoAwayError(msg)
        at = found["cursor"]
        return found["incarnation"], Cursor(Position(int(at["tx"]), at["id"]), at.get("outcome"))

    async def is_there(self) -> bool:
        """Whether anything was ever shown."""
        found = await self._mongo.find_one(views.WATERMARK + self._suffix, views.WATERMARK_ID)
        return found is not None and int(found["cursor"]["tx"]) > 0

    async def page(self, name: str, after: str, limit: int) -> list[Document]:
        """Return the next documents of a collection in order of id."""
        query = {"_id": {"$gt": after}}
        return await self._mongo.find(name + self._suffix, query, sort=[("_id", 1)], limit=limit)

    async def document(self, name: str, key: str) -> Document | None:
        """Return one document."""
        return await self._mongo.find_one(name + self._suffix, key)

    async def count(self, name: str) -> int:
        """Return how many documents a collection has."""
        found = await self._mongo.aggregate(name + self._suffix, [{"$count": "n"}])
        return int(found[0]["n"]) if found else 0

    async def of_event(self, event_id: str) -> list[Document]:
        """Return an event's own document and its blocks."""
        event = await self.document(views.EVENTS, event_id)
        blocks = await self._mongo.find(views.BLOCKS + self._suffix, {"event_id": event_id})
        return [*([event] if event is not None else []), *blocks]

    async def add_layouts(self, layouts: Sequence[LayoutView]) -> None:
        """Add layouts; they never change."""
        await self._mongo.insert_new(views.LAYOUTS + self._suffix, layouts)

    async def write_blocks(self, blocks: Iterable[BlockView]) -> None:
        """Write blocks that are newer than what is there."""
        await self._mongo.write_newer(views.BLOCKS + self._suffix, blocks)

    async def write_events(self, events: Iterable[EventView]) -> None:
        """Write events that are newer than what is there."""
        await self._mongo.write_newer(views.EVENTS + self._suffix, events)

    async def write_sales(self, sales: Iterable[SalesView]) -> None:
        """Write how events sell, where that is newer than what is there."""
        await self._mongo.write_newer(views.SALES + self._suffix, sales)

    async def sales(self, event_ids: Sequence[str]) -> dict[str, SalesView]:
        """Return how these events sell, as far as it was counted."""
        found = await self._mongo.find(views.SALES + self._suffix, {"_id": {"$in": list(event_ids)}})
        return {one["_id"]: cast("SalesView", one) for one in found}

    async def events_without_sales(self) -> list[tuple[str, int]]:
        """Return the events that are shown without them, each with the log's time in ms up to which it is."""
        times = (await self._mongo.find_one(views.WATERMARK + self._suffix, views.WATERMARK_ID) or {})["partitions"]
        found = await self._mongo.aggregate(
            views.EVENTS + self._suffix,
            [
                {
                    "$lookup": {
                        "from": views.SALES + self._suffix,
                        "localField": "_id",
                        "foreignField": "_id",
                        "as": "sales",
                    }
                },
                {"$match": {"sales": []}},
                {"$project": {"partition": 1}},
            ],
        )
        return [(event["_id"], times.get(str(event["partition"]), 0)) for event in found]

    async def add_bookings(self, bookings: Sequence[BookingView]) -> None:
        """Add first versions of bookings."""
        await self._mongo.insert_new(views.BOOKINGS + self._suffix, bookings)

    async def change_bookings(self, changes: Iterable[BookingChange]) -> None:
        """Write later versions of bookings that were added before, unless newer ones are there."""
        await self._mongo.write_newer(views.BOOKINGS + self._suffix, changes)

    async def add_commands(self, commands: Sequence[CommandView]) -> None:
        """Add outcomes of commands."""
        await self._mongo.insert_new(views.COMMANDS + self._suffix, commands)

    async def write_people(self, people: Iterable[PersonView]) -> None:
        """Write who accounts are, unless something newer is there."""
        await self._mongo.write_newer(views.PEOPLE, people)

    async def people_cursor(self) -> Position | None:
        """Return up to which change of an account names are shown; None when they never were."""
        found = await self._mongo.find_one(views.WATERMARK, views.WATERMARK_ID)
        at = found.get("people") if found is not None else None
        return Position(int(at["tx"]), at["id"]) if at is not None else None

    async def advance_people(self, to: Position) -> None:
        """Say up to which change names are shown."""
        change = {"$set": {"people": {"tx": str(to.tx), "id": to.id}}}
        await self._mongo.update(views.WATERMARK, {"_id": views.WATERMARK_ID}, change)

    async def forget_people(self) -> None:
        """Remove all names."""
        await self._mongo.drop(views.PEOPLE)
        await self._mongo.ensure_collection(views.PEOPLE, *BY_NAME)

    async def begin(self, incarnation: str) -> None:
        """Begin a new view of this ledger, unless one is there."""
        watermark: WatermarkView = {
            "_id": views.WATERMARK_ID,
            "incarnation": incarnation,
            "cursor": {"tx": str(START.tx), "id": START.id},
            "partitions": {},
            "projected_at_ms": 0,
        }
        await self._mongo.insert_new(views.WATERMARK + self._suffix, [watermark])

    async def advance(
        self, incarnation: str, from_: Position, to: Cursor, *, times_ms: Mapping[int, int], now_ms: int
    ) -> bool:
        """Say how far the view is complete; False when its cursor is not at ``from_``, and nothing has changed.

        It is elsewhere when another projector was here, or when MongoDB lost what it had (wiped, restored from a
        backup): a cursor that was set again regardless would hide for ever what went missing before it.
        """
        query = {
            "_id": views.WATERMARK_ID,
            "incarnation": incarnation,
            "cursor.tx": str(from_.tx),
            "cursor.id": from_.id,
        }
        times = {f"partitions.{partition}": ms for partition, ms in times_ms.items()}
        change = {
            "$set": {"cursor": {"tx": str(to.position.tx), "id": to.position.id, "outcome": to.outcome}},
            "$max": {"projected_at_ms": now_ms, **times},
        }
        return await self._mongo.update(views.WATERMARK + self._suffix, query, change)
