"""An event as the subject of a channel: reads it from the view, and applies what the watch tells of it.

``pages`` makes one for each event that somebody follows. It must never ask anything for a single client.
"""

from typing import Final, NamedTuple

import orjson

from contracts import problems, views
from contracts.views import BlockView, EventView, LayoutView
from read_api.live.seats import MAX_SEATS_NAMED, Seats
from read_api.live.subject import digest
from read_api.view import View, Watermark
from runtime.mongo_watch import Change
from runtime.problems import ProblemError

EVENT: Final = "event"


class Found(NamedTuple):
    """What was read of an event at one moment."""

    incarnation: str
    event: EventView
    blocks: list[BlockView]
    layouts: dict[str, LayoutView]


class EventSubject:
    """One event; see ``read_api.live.subject.Subject``."""

    kind = EVENT

    def __init__(self, event_id: str, view: View) -> None:
        self.key = event_id
        self.lost = False
        self.ended = False
        self._view = view
        self._incarnation = ""
        self._seats: Seats | None = None
        self._noted: list[Change] = []

    @property
    def partition(self) -> int:  # noqa: D102
        return self._shown.partition

    @property
    def size(self) -> int:  # noqa: D102
        return self._shown.size

    @property
    def mark(self) -> str:  # noqa: D102
        return f"{digest(self._incarnation, self.key)}-{self._shown.version}"

    @property
    def _shown(self) -> Seats:
        assert self._seats is not None  # noqa: S101 - a channel is not entered before its first `take`
        return self._seats

    async def read(self) -> Found:  # noqa: D102
        watermark = await self._view.watermark(max_age_s=0)
        found = await self._view.event(self.key, at_one_moment=True)
        if found is None:
            raise ProblemError(problems.NOT_FOUND, f"There is no event {self.key}.")
        event, blocks = found
        named = event["seats_total"] <= MAX_SEATS_NAMED
        layouts = await self._view.layouts([block["_id"] for block in blocks]) if named else []
        return Found(watermark.incarnation, event, blocks, {layout["_id"]: layout for layout in layouts})

    def take(self, found: Found) -> bool:  # noqa: D102
        other = found.incarnation != self._incarnation
        if self._seats is None or other or not all(self._seats.knows(block["_id"]) for block in found.blocks):
            self._seats = Seats(found.event, found.blocks, found.layouts)
            self._incarnation = found.incarnation
            return True
        for block in found.blocks:
            self._seats.block(block["_id"], block)
        self._seats.event(found.event)
        return False

    def note(self, change: Change) -> None:  # noqa: D102
        self._noted.append(change)

    def pass_time(self, watermark: Watermark) -> None:
        """Nothing becomes of an event by time alone."""

    def snapshot(self) -> bytes:  # noqa: D102
        return orjson.dumps(self._shown.snapshot())

    def change(self) -> bytes | None:  # noqa: D102
        noted, self._noted = self._noted, []
        for change in noted:
            if change.collection == views.EVENTS:
                self._shown.event(change.fields)
            elif self._shown.knows(change.key):
                self._shown.block(change.key, change.fields)
            else:
                self.lost = True  # a block that was not there when the event was read
        told = self._shown.change()
        return orjson.dumps(told) if told is not None else None
