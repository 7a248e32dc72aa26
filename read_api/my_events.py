"""One's own events: those that the account behind a session organises, by date, a page at a time.

``create_app`` enters here. Public lists never say whose an event is; this one shows nobody any events but their own.
"""

from typing import Annotated, Final

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts.callers import Caller
from contracts.wire import EventSummary
from read_api.conditional import never_kept
from read_api.declared import add_page
from read_api.paging import following, link, position_in
from read_api.reaching import reached
from read_api.summaries import summary
from read_api.view import View
from runtime.credentials import Credentials

MOST: Final = 200
USUAL: Final = 50

_PATH: Final = "/api/accounts/me/events"

Limit = Annotated[int, Query(ge=1, le=MOST, description="Events a page.")]
Cursor = Annotated[str | None, Query(max_length=200, description="From the `Link` of the page before.")]


class MyEvents:
    """The page at ``/api/accounts/me/events``."""

    def __init__(self, view: View, credentials: Credentials[Caller]) -> None:
        self._view = view
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare it."""
        page, model = self.my_events, list[EventSummary]
        add_page(app, _PATH, page, model, reached(self._view), found_by_id=False, tagged=False, private="for one")

    async def my_events(self, request: Request, cursor: Cursor = None, limit: Limit = USUAL) -> Response:
        """List the events that the caller organises, by date. The next page is in the `Link` header."""
        caller = self._credentials.required(request.scope)
        after = position_in(cursor, 2) if cursor is not None else None
        watermark = await self._view.watermark()
        found = await self._view.events({"organiser": caller.principal}, after, limit + 1)
        headers = never_kept(watermark.oldest_ms()) | link(request, following(found, limit, "date", "_id"))
        body = [summary(event) for event in found[:limit]]
        return Response(orjson.dumps(body), headers=headers, media_type="application/json")
