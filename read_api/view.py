"""The view, read only: one round trip to MongoDB for each page, and for all who look at bookings at the same time.

MongoDB away raises ``MongoAwayError``, which the application answers with ``view-unavailable``.
"""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from contracts import views
from contracts.ids import is_account
from contracts.positions import Position
from contracts.views import BlockView, BookingView, CommandView, EventView, LayoutView, SalesView
from read_api.look_ups import LookUps
from runtime.mongo import Mongo
from runtime.mongo_watch import Told, Watch

WATERMARK_MAX_AGE_S: Final = 0.2
"""How long a watermark is used again. An older one only claims less than is true, never more."""
REACH_POLL_S: Final = 0.025
"""How old a watermark may be for somebody who waits for it to move."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far the view is complete: ``partitions`` maps a partition to the log's time in ms (``contracts.views``).

    ``cursor``: the ledger position of the last outcome that is shown.
    """

    incarnation: str
    partitions: dict[int, int]
    cursor: Position = (0, 0)

    def moved(self, fields: Mapping[str, Any]) -> "Watermark":
        """Return the watermark after a change that set these fields of its document."""
        partitions = {int(key): ms for key, ms in fields.get("partitions", self.partitions).items()}
        prefix = "partitions."
        partitions |= {int(name[len(prefix) :]): ms for name, ms in fields.items() if name.startswith(prefix)}
        cursor = fields.get("cursor")
        return Watermark(
            fields.get("incarnation", self.incarnation),
            partitions,
            (int(cursor["tx"]), int(cursor["id"])) if cursor is not None else self.cursor,
        )

    def as_of_ms(self, partition: int) -> int | None:
        """Return the time for what lives on one partition, or None while nothing is known of it."""
        return self.partitions.get(partition)

    def oldest_ms(self) -> int | None:
        """Return the time for what lives on all partitions."""
        return min(self.partitions.values(), default=None)


LAST_LETTER: Final = "\uffff"
"""It sorts behind every letter of a name, so what begins with a text sorts between it and the text with this."""
NOTHING_YET: Final = Watermark("", {})


class Place(NamedTuple):
    """Where a seat is; ``numbered``: whether it has a number that anybody sees."""

    section: str
    row: str | None
    category: str | None
    numbered: bool


class View:
    """Reads documents; keeps none but the watermark."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._watermark = NOTHING_YET
        self._watermark_at = float("-inf")
        self._reading = asyncio.Lock()
        self._bookings = LookUps(self._bookings_by_id)

    async def watermark(self, max_age_s: float = WATERMARK_MAX_AGE_S) -> Watermark:
        """Return a watermark that is at most ``max_age_s`` old.

        Ask for it *before* reading what it is to say something about: everything up to it was in the view then.
        """
        if time.monotonic() - self._watermark_at >= max_age_s:
            async with self._reading:
                if time.monotonic() - self._watermark_at >= max_age_s:
                    self._watermark = await self._read_watermark()
                    self._watermark_at = time.monotonic()
        return self._watermark

    async def reach(self, position: Position, within_s: float) -> None:
        """Return when the view has reached ``position``, or after ``within_s``.

        All who wait share the watermark that is read every ``REACH_POLL_S``; the pages then read at least as much.
        """
        until = time.monotonic() + within_s
        while (await self.watermark(REACH_POLL_S)).cursor < position and time.monotonic() < until:  # noqa: ASYNC110 - the store is another process
            await asyncio.sleep(REACH_POLL_S)

    async def _read_watermark(self) -> Watermark:
        found = await self._mongo.find_one(views.WATERMARK, views.WATERMARK_ID)
        if found is None:
            return NOTHING_YET
        cursor = int(found["cursor"]["tx"]), int(found["cursor"]["id"])
        return Watermark(found["incarnation"], {int(key): ms for key, ms in found["partitions"].items()}, cursor)

    async def events(self, query: Mapping[str, Any], after: Sequence[str] | None, limit: int) -> list[EventView]:
        """Return the first ``limit`` events that ``query`` finds, by date and id, behind the one that these name."""
        if after is not None:
            date, event_id = after
            later = {"$or": [{"date": {"$gt": date}}, {"date": date, "_id": {"$gt": event_id}}]}
            query = {"$and": [query, later]}
        found = await self._mongo.find(views.EVENTS, query, sort=[("date", 1), ("_id", 1)], limit=limit)
        return cast("list[EventView]", found)

    async def event_alone(self, event_id: str) -> EventView | None:
        """Return an event without its blocks."""
        return cast("EventView | None", await self._mongo.find_one(views.EVENTS, event_id))

    async def productions(self, kind: str | None, after: str, limit: int) -> list[dict[str, Any]]:
        """Return the first ``limit`` productions whose ids come after ``after``, each made of all its events."""
        wanted: dict[str, Any] = {"production_id": {"$gt": after}}
        if kind is not None:
            wanted["kind"] = kind
        fields = {
            "_id": 0,
            "production_id": "$_id",
            "name": 1,
            "kind": 1,
            "events_total": 1,
            "first_date": 1,
            "last_date": 1,
        }
        return await self._mongo.aggregate(
            views.EVENTS,
            [
                {"$match": wanted},
                {"$sort": {"production_id": 1, "date": 1, "_id": 1}},
                {
                    "$group": {
                        "_id": "$production_id",
                        "name": {"$first": "$production_name"},
                        "kind": {"$first": "$kind"},
                        "events_total": {"$sum": 1},
                        "first_date": {"$first": "$date"},
                        "last_date": {"$last": "$date"},
                    }
                },
                {"$sort": {"_id": 1}},
                {"$limit": limit},
                {"$project": fields},
            ],
        )

    async def event_bookings(
        self, event_id: str, wanted: Mapping[str, Any], after: str, limit: int
    ) -> list[BookingView]:
        """Return the first ``limit`` bookings of an event that ``wanted`` finds and whose ids come after ``after``."""
        wanted = {"event_id": event_id, "_id": {"$gt": after}, **wanted}
        found = await self._mongo.find(views.BOOKINGS, wanted, sort=[("_id", 1)], limit=limit)
        return cast("list[BookingView]", found)

    async def event(
        self,
        event_id: str,
        *,
        section: str | None = None,
        max_seats: int | None = None,
        at_one_moment: bool = False,
    ) -> tuple[EventView, list[BlockView]] | None:
        """Return an event with its blocks in map order: of one section, or of all.

        ``max_seats``: the blocks of an event with more seats than this are not read. ``at_one_moment``: all of them as
        they were together, for who keeps them.
        """
        wanted: list[dict[str, object]] = [{"$sort": {"block": 1}}]
        if section is not None:
            wanted.insert(0, {"$match": {"section": section}})
        if max_seats is not None:
            wanted.insert(0, {"$match": {"$expr": {"$lte": ["$$seats", max_seats]}}})
        blocks = {
            "from": views.BLOCKS,
            "localField": "_id",
            "foreignField": "event_id",
            "let": {"seats": "$seats_total"},
            "pipeline": wanted,
            "as": "blocks",
        }
        pipeline: list[dict[str, object]] = [{"$match": {"_id": event_id}}, {"$lookup": blocks}]
        found = await self._mongo.aggregate(views.EVENTS, pipeline, at_one_moment=at_one_moment)
        if not found:
            return None
        return cast("EventView", found[0]), found[0].pop("blocks")

    async def places(self, event_id: str, seat_ids: Sequence[str]) -> dict[str, Place]:
        """Return where these seats of an event are, as the hall calls it."""
        wanted = set(seat_ids)
        query = {"event_id": event_id, "rows.seat_ids": {"$in": list(seat_ids)}}
        found = cast("list[LayoutView]", await self._mongo.find(views.LAYOUTS, query, limit=len(wanted)))
        return {
            seat_id: Place(
                block["section"],
                row["row"] or None,
                _category(block, seat_id),
                numbered=not block.get("general_admission", False),
            )
            for block in found
            for row in block["rows"]
            for seat_id in wanted.intersection(row["seat_ids"])
        }

    async def sales(self, event_id: str) -> SalesView | None:
        """Return how an event sells; None while nothing of it was counted."""
        return cast("SalesView | None", await self._mongo.find_one(views.SALES, event_id))

    async def principals_called(self, name: str, limit: int) -> list[str]:
        """Return the first ``limit`` accounts, by name, whose names begin so; for who may see them."""
        begins = {"user_id": {"$gte": name, "$lt": name + LAST_LETTER}}
        found = await self._mongo.find(views.PEOPLE, begins, sort=[("user_id", 1)], limit=limit)
        return [person["_id"] for person in found]

    async def layouts(self, keys: Sequence[str]) -> list[LayoutView]:
        """Return the layouts of these blocks, in any order."""
        return cast("list[LayoutView]", await self._mongo.find(views.LAYOUTS, {"_id": {"$in": list(keys)}}))

    async def booking(self, booking_id: str) -> BookingView | None:
        """Return a booking that is decided and shown."""
        return cast("BookingView | None", await self._bookings.find(booking_id))

    async def _bookings_by_id(self, booking_ids: Sequence[str]) -> list[dict[str, Any]]:
        query = {"_id": {"$in": list(booking_ids)}}
        return await self._mongo.find(views.BOOKINGS, query, limit=len(booking_ids))

    async def bookings_of(
        self, principal: str, *, status: str | None, after: Sequence[str] | None, limit: int
    ) -> list[BookingView]:
        """Return an account's bookings, the newest first; ``after``: time and id of the one before the first."""
        query: dict[str, object] = {"principal": principal}
        if status is not None:
            query["status"] = status
        if after is not None:
            requested_at, booking_id = after
            query["$or"] = [
                {"requested_at": {"$lt": requested_at}},
                {"requested_at": requested_at, "_id": {"$lt": booking_id}},
            ]
        newest_first = [("requested_at", -1), ("_id", -1)]
        return cast("list[BookingView]", await self._mongo.find(views.BOOKINGS, query, sort=newest_first, limit=limit))

    async def names(self, principals: Collection[str | None]) -> dict[str, str]:
        """Return the names of those of these principals who are accounts and there; for who may see them."""
        accounts = [principal for principal in set(principals) if principal is not None and is_account(principal)]
        if not accounts:
            return {}
        found = await self._mongo.find(views.PEOPLE, {"_id": {"$in": accounts}})
        return {person["_id"]: person["user_id"] for person in found if person["user_id"] is not None}

    async def shown(self, booking_ids: Sequence[str]) -> set[str]:
        """Return those of these bookings that are decided and shown."""
        wanted: list[dict[str, object]] = [{"$match": {"_id": {"$in": list(booking_ids)}}}, {"$project": {"_id": 1}}]
        return {found["_id"] for found in await self._mongo.aggregate(views.BOOKINGS, wanted)}

    def watch(self, told: Told) -> Watch:
        """Return what follows all that a stream shows, not started."""
        return self._mongo.watch((views.EVENTS, views.BLOCKS, views.BOOKINGS, views.WATERMARK), told)

    async def command(self, command_id: str) -> CommandView | None:
        """Return a command that is decided and shown."""
        return cast("CommandView | None", await self._mongo.find_one(views.COMMANDS, command_id))


def _category(block: LayoutView, seat_id: str) -> str | None:
    own = (some["category"] for some in block.get("priced", ()) if seat_id in some["seat_ids"])
    return next(own, block.get("category"))
