"""An event's bookings, for its organiser and for operators alone: a page at a time, or all of them as CSV. Never kept.

One is found by the beginning of its id, by a seat, or by the beginning of an account's name: each booking of the event
is looked at, which takes as long as one question may at about a million of them.

The gateway enters here. Whose the event is, the view says; a caller who is neither is told 403, and of an event that
there is not, 404. Accounts have their names, while they are there; guests are the opaque ids that log and ledger know
them by, since nobody keeps their names.
"""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from contracts import problems
from contracts.bookings import shown
from contracts.callers import Caller
from contracts.views import BookingView, EventView
from contracts.wire import EventBooking, Id
from read_api.conditional import never_kept
from read_api.declared import add_page
from read_api.paging import following, link, position_in
from read_api.reaching import reached
from read_api.view import LAST_LETTER, View
from runtime.credentials import Credentials
from runtime.problems import ProblemError

MAX_BOOKINGS: Final = 1_000
"""How many bookings one page has, and how many of an export are in memory at once."""
COLUMNS: Final = (
    "booking_id",
    "status",
    "reason",
    "seat_ids",
    "user_id",
    "principal",
    "requested_at",
    "decided_at",
    "expires_at",
    "version",
    "checked_in_at",
)
MAX_PEOPLE: Final = 100
"""How many accounts a search by the beginning of a name takes in: the first ones, by name."""

Status = Literal["held", "paying", "confirmed", "rejected", "failed", "cancelled", "expired"]
Wanted = Annotated[Status | None, Query(description="Only bookings that stand so.")]
Sought = Annotated[
    Id | None,
    Query(
        description=f"Only those whose id or whose account's name begins so (the first {MAX_PEOPLE} such accounts), or "
        "that have, or had, this seat."
    ),
]
Cursor = Annotated[str | None, Query(max_length=300, description="From the `Link` header of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_BOOKINGS)]

NOT_IN: Final = "none"
"""Stands for a seat whose owner has not come in, beside one whose owner has; no spreadsheet takes it for a formula."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With what a spreadsheet believes that a cell is a formula (OWASP, CSV injection)."""


class EventBookingPages:
    """The routes."""

    def __init__(self, view: View, credentials: Credentials[Caller]) -> None:
        self._view = view
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the pages."""
        before = reached(self._view)
        page = "/api/events/{event_id}/bookings"
        add_page(app, page, self.event_bookings, list[EventBooking], before, tagged=False, private="for some")
        app.add_api_route(f"{page}.csv", self.exported, methods=["GET", "HEAD"], include_in_schema=False)

    async def event_bookings(
        self,
        request: Request,
        event_id: str,
        status: Wanted = None,
        q: Sought = None,
        cursor: Cursor = None,
        limit: Limit = MAX_BOOKINGS,
    ) -> Response:
        """List an event's bookings, for its organiser and operators; all of them as CSV for `Accept: text/csv`.

        `q` finds some: by the beginning of a booking's id, by a seat, or by the beginning of an account's name.
        """
        if "text/csv" in request.headers.get("accept", ""):
            return await self.exported(request, event_id, status, q)
        event = await event_of_organiser(self._view, self._credentials.required(request.scope), event_id)
        watermark = await self._view.watermark()
        after = position_in(cursor, 1)[0] if cursor is not None else ""
        found = await self._view.event_bookings(event_id, await self._query(status, q), after, limit + 1)
        as_of_ms = watermark.as_of_ms(event["partition"])
        headers = never_kept(as_of_ms) | link(request, following(found, limit, "_id"))
        body = orjson.dumps(await self._told(found[:limit]))
        return Response(body, headers=headers, media_type="application/json")

    async def exported(self, request: Request, event_id: str, status: Wanted = None, q: Sought = None) -> Response:
        """Export an event's bookings as CSV; it is sent as it is read."""
        await event_of_organiser(self._view, self._credentials.required(request.scope), event_id)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{event_id}-bookings.csv"',
        }
        lines = self._lines(event_id, await self._query(status, q))
        return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")

    async def _query(self, status: str | None, q: str | None) -> dict[str, Any]:
        query: dict[str, Any] = {"status": status} if status is not None else {}
        if q is not None:
            people = await self._view.principals_called(q, MAX_PEOPLE)
            ways = [{"_id": {"$gte": q, "$lt": q + LAST_LETTER}}, {"seat_ids": q}, {"principal": {"$in": people}}]
            query["$or"] = ways
        return query

    async def _lines(self, event_id: str, query: Mapping[str, Any]) -> AsyncIterator[bytes]:
        yield csv_of([COLUMNS])
        after = ""
        while found := await self._view.event_bookings(event_id, query, after, MAX_BOOKINGS):
            yield csv_of([cells_of(booking) for booking in await self._told(found)])
            after = found[-1]["_id"]

    async def _told(self, bookings: Sequence[BookingView]) -> list[dict[str, Any]]:
        """Return bookings with whose they are."""
        names = await self._view.names([booking["principal"] for booking in bookings])
        return [
            {
                **shown(booking, owner=names.get(booking["principal"] or "")),
                "principal": booking["principal"],
                "check_ins": booking.get("check_ins", []),
            }
            for booking in bookings
        ]


async def event_of_organiser(view: View, caller: Caller, event_id: str) -> EventView:
    """Return an event, once it is known that it is the caller's, or that the caller operates."""
    event = await view.event_alone(event_id)
    if event is None:
        raise ProblemError(problems.NOT_FOUND, f"There is no event {event_id}.")
    is_theirs = caller.organises and caller.principal == event.get("organiser")
    if not (is_theirs or caller.operates):
        raise ProblemError(problems.FORBIDDEN, "Only the event's organiser and operators see this.")
    return event


def cells_of(booking: dict[str, Any]) -> list[str]:
    """Return a booking as a line of the export; what is said seat by seat is in the order of ``seat_ids``."""
    came_in = {one["seat_id"]: one["checked_in_at"] for one in booking["check_ins"]}
    values = {
        **booking,
        "seat_ids": " ".join(booking["seat_ids"]),
        "checked_in_at": " ".join(came_in.get(seat_id, NOT_IN) for seat_id in booking["seat_ids"]) if came_in else None,
    }
    return ["" if values[column] is None else _harmless(str(values[column])) for column in COLUMNS]


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: names may begin with `-`, and were chosen by strangers."""
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_of(rows: list[Any]) -> bytes:
    """Return lines as the export has them."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
