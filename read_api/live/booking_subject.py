"""A booking as the subject of a channel: what its page would say, each time that it says something else.

It ends with the first status from which nothing becomes of it by itself. Somebody may cancel it later, or a payment may
come too late: whoever wants to know that looks at the page, or opens another stream
(docs/decisions/0018-live-streams.md).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

import orjson

from contracts.bookings import shown
from contracts.ids import IssuedId
from contracts.outcomes import BookingStatus
from contracts.views import BookingView
from read_api.bookings import PENDING, undecided
from read_api.live.subject import digest
from read_api.view import View, Watermark
from runtime.mongo_watch import Change

BOOKING: Final = "booking"

_IN_MOTION: Final = frozenset({PENDING, BookingStatus.HELD, BookingStatus.PAYING})


class Found(NamedTuple):
    """What was read of a booking: its document, if there is one in a view at least as new as the watermark."""

    watermark: Watermark
    booking: BookingView | None


class BookingSubject:
    """One booking; see ``read_api.live.subject.Subject``."""

    kind = BOOKING
    size = 1

    def __init__(self, issued: IssuedId, view: View) -> None:
        self.key = issued.text
        self.partition = issued.partition
        self.lost = False
        self._issued = issued
        self._view = view
        self._incarnation: str | None = None
        self._document: dict[str, Any] = {}
        self._body: Mapping[str, Any] = {}
        self._told = b""
        self._noted: list[Change] = []
        self._passed: Watermark | None = None

    @property
    def mark(self) -> str:  # noqa: D102
        return f"{digest(self._incarnation or '', self.key)}-{self._body['version']}-{self._body['status']}"

    @property
    def ended(self) -> bool:  # noqa: D102
        return self._body["status"] not in _IN_MOTION

    async def read(self) -> Found:  # noqa: D102
        # The watermark first, as the page does (``read_api.bookings``).
        watermark = await self._view.watermark(max_age_s=0)
        return Found(watermark, await self._view.booking(self.key))

    def take(self, found: Found) -> bool:  # noqa: D102
        other = found.watermark.incarnation != self._incarnation
        if other:
            self._incarnation, self._document = found.watermark.incarnation, {}
        if found.booking is not None:
            self._apply(cast("Mapping[str, Any]", found.booking))
        self._passed = found.watermark
        self._show()
        if other:
            self._told = self.snapshot()
        return other

    def note(self, change: Change) -> None:  # noqa: D102
        self._noted.append(change)

    def pass_time(self, watermark: Watermark) -> None:  # noqa: D102
        self._passed = watermark

    def snapshot(self) -> bytes:  # noqa: D102
        return orjson.dumps(self._body)

    def change(self) -> bytes | None:  # noqa: D102
        noted, self._noted = self._noted, []
        for change in noted:
            self._apply(change.fields)
        self._show()
        now = self.snapshot()
        if now == self._told:
            return None
        self._told = now
        return now

    def _apply(self, fields: Mapping[str, Any]) -> None:
        if not self._document and "_id" not in fields:
            self.lost = True  # a later version of what was never read
        elif fields.get("version", 0) > self._document.get("version", 0):
            self._document |= fields

    def _show(self) -> None:
        if self._document:
            self._body = shown(cast("BookingView", self._document))
        elif self._passed is not None:
            self._body = undecided(self._issued, self._passed)
