"""One's own bookings: what the account behind a session asked for, the newest first, a page at a time.

A cursor names the last booking of a page, so that what is booked meanwhile moves nothing; whoever changes it sees other
pages of their own bookings and nothing else. Guests have no list: they are whoever says so.
"""

from typing import Annotated, Final, Literal

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts.bookings import shown
from contracts.callers import Caller
from contracts.wire import Booking
from read_api.conditional import never_kept
from read_api.declared import add_page
from read_api.paging import following, link, position_in
from read_api.reaching import reached
from read_api.view import View
from runtime.credentials import Credentials

MOST: Final = 100
USUAL: Final = 20

_PATH: Final = "/api/bookings"

_Status = Literal["held", "paying", "confirmed", "rejected", "failed", "cancelled", "expired"]
Status = Annotated[_Status | None, Query(description="Only these.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Bookings a page.")]
Cursor = Annotated[str | None, Query(max_length=200, description="From the `Link` of the page before.")]


class MyBookings:
    """The page at ``/api/bookings``."""

    def __init__(self, view: View, credentials: Credentials[Caller]) -> None:
        self._view = view
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare it."""
        page, model = self.my_bookings, list[Booking]
        add_page(app, _PATH, page, model, reached(self._view), found_by_id=False, tagged=False, private="for one")

    async def my_bookings(
        self, request: Request, status: Status = None, cursor: Cursor = None, limit: Limit = USUAL
    ) -> Response:
        """Show the caller's own bookings, the newest first. The next page is in the `Link` header."""
        caller = self._credentials.required(request.scope)
        after = position_in(cursor, 2) if cursor is not None else None
        watermark = await self._view.watermark()
        found = await self._view.bookings_of(caller.principal, status=status, after=after, limit=limit + 1)
        headers = never_kept(watermark.oldest_ms()) | link(request, following(found, limit, "requested_at", "_id"))
        body = [shown(booking, caller) for booking in found[:limit]]
        return Response(orjson.dumps(body), headers=headers, media_type="application/json")
