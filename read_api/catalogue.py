"""The catalogue: which events there are, found by word, kind, place, way and day; and the productions they belong to.

The gateway enters here. Public, the same for everybody. The plain list is kept by the gateway for a second; a question
is answered each time, from an index, a page at a time.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, FastAPI, Query
from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.catalogue import folded, words_of
from contracts.messages import Name
from contracts.views import EventView
from contracts.wire import EventSummary, Production, ProductionWithEvents
from read_api.conditional import answer, etag
from read_api.declared import add_page
from read_api.paging import following, link, position_in
from read_api.reaching import reached
from read_api.summaries import summary
from read_api.view import View
from runtime.problems import ProblemError

MAX_EVENTS: Final = 1_000
"""How many events one page lists."""
MAX_PRODUCTIONS: Final = 200
MAX_WORDS: Final = 10
"""How many words one question may have; each is looked up by its beginning."""


def _day_or_moment(said: object) -> object:
    """Return a day for what is one; pydantic would take it for its first moment."""
    return date.fromisoformat(said) if isinstance(said, str) and len(said) == len("2027-05-01") else said


Words = Annotated[str | None, Query(max_length=100, description="Words of its names, or their beginnings.")]
Kind = Annotated[Name | None, Query(description="concert, sports, theatre, movie, train or other.")]
Place = Annotated[str | None, Query(max_length=200, description="Without regard to case and accents.")]
Day = Annotated[date | None, Query(description="The day at the venue.")]
From = Annotated[
    datetime | date | None,
    BeforeValidator(_day_or_moment),
    Query(alias="from", description="Not before this moment, or day (UTC)."),
]
To = Annotated[
    datetime | date | None,
    BeforeValidator(_day_or_moment),
    Query(description="Before this moment, or the end of this day (UTC)."),
]
Cursor = Annotated[str | None, Query(max_length=300, description="From the `Link` header of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_EVENTS)]
FewLimit = Annotated[int, Query(ge=1, le=MAX_PRODUCTIONS)]


@dataclass(frozen=True, slots=True)
class Question:
    """What the events that are asked for have in common."""

    q: Words = None
    kind: Kind = None
    place: Place = None
    origin: Place = None
    destination: Place = None
    day: Day = None
    from_: From = None
    to: To = None
    production_id: Annotated[Name | None, Query(description="Only events of this production.")] = None

    def query(self) -> dict[str, Any]:
        """Return the question as the view is asked."""
        keys = {
            "kind": self.kind,
            "production_id": self.production_id,
            "place_key": _folded(self.place),
            "origin_key": _folded(self.origin),
            "destination_key": _folded(self.destination),
            "local_day": self.day.isoformat() if self.day is not None else None,
        }
        known = {name: value for name, value in keys.items() if value is not None}
        return {**known, **_words(self.q), **_between(self.from_, self.to)}


class CataloguePages:
    """The routes."""

    def __init__(self, view: View) -> None:
        self._view = view

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the pages."""
        before = reached(self._view)
        add_page(app, "/api/events", self.events, list[EventSummary], before, found_by_id=False)
        add_page(app, "/api/productions", self.productions, list[Production], before, found_by_id=False)
        add_page(app, "/api/productions/{production_id}", self.production, ProductionWithEvents, before)

    async def events(
        self,
        request: Request,
        question: Annotated[Question, Depends()],
        cursor: Cursor = None,
        limit: Limit = MAX_EVENTS,
    ) -> Response:
        """List the events by date, without their seats; those that were closed or cancelled too.

        The next page is in the `Link` header.
        """
        watermark = await self._view.watermark()
        events, next_page = await self._page(question.query(), cursor, limit)
        tag = etag(watermark.incarnation, _versions(events), next_page)
        links = link(request, next_page)
        return answer(
            request, tag, watermark.oldest_ms(), lambda: orjson.dumps([summary(event) for event in events]), links
        )

    async def productions(
        self, request: Request, kind: Kind = None, cursor: Cursor = None, limit: FewLimit = MAX_PRODUCTIONS
    ) -> Response:
        """List the productions: movies with showtimes, train lines with services. The next page is in `Link`."""
        watermark = await self._view.watermark()
        after = position_in(cursor, 1)[0] if cursor is not None else ""
        found = await self._view.productions(kind, after, limit + 1)
        next_page = following(found, limit, "production_id")
        shown = found[:limit]
        tag = etag(watermark.incarnation, shown, next_page)
        return answer(request, tag, watermark.oldest_ms(), lambda: orjson.dumps(shown), link(request, next_page))

    async def production(
        self, request: Request, production_id: str, cursor: Cursor = None, limit: Limit = MAX_EVENTS
    ) -> Response:
        """Show a production with its events by date: a movie's showtimes, a line's services."""
        watermark = await self._view.watermark()
        events, next_page = await self._page({"production_id": production_id}, cursor, limit)
        if not events:
            raise ProblemError(problems.NOT_FOUND, f"There is no production {production_id}.")

        def render() -> bytes:
            first = events[0]
            body = {
                "production_id": production_id,
                "name": first.get("production_name") or first["name"],
                "kind": first["kind"],
                "events": [summary(event) for event in events],
            }
            return orjson.dumps(body)

        tag = etag(watermark.incarnation, _versions(events), next_page)
        return answer(request, tag, watermark.oldest_ms(), render, link(request, next_page))

    async def _page(
        self, query: Mapping[str, Any], cursor: str | None, limit: int
    ) -> tuple[list[EventView], str | None]:
        """Return one page of events, and the cursor of the next one."""
        after = position_in(cursor, 2) if cursor is not None else None
        found = await self._view.events(query, after, limit + 1)
        return found[:limit], following(found, limit, "date", "_id")


def _folded(text: str | None) -> str | None:
    return folded(text) if text is not None else None


def _words(text: str | None) -> dict[str, Any]:
    """Return the question for events that have words beginning with each of these."""
    words = words_of(text)[:MAX_WORDS]
    if text is not None and not words:
        return {"words": {"$in": []}}  # what has no word is nowhere
    # A pattern that is anchored and escaped is a range of the index.
    return {"$and": [{"words": {"$regex": f"^{re.escape(word)}"}} for word in words]} if words else {}


def _between(from_: datetime | date | None, to: datetime | date | None) -> dict[str, Any]:
    bounds = {}
    if from_ is not None:
        bounds["$gte"] = _utc(from_, time.min)
    if to is not None:
        bounds["$lte" if not isinstance(to, datetime) else "$lt"] = _utc(to, time.max)
    return {"date": bounds} if bounds else {}


def _utc(moment: datetime | date, at: time) -> str:
    """Return a moment as the view has them; of a day, its first or last one. What says no zone is UTC."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, at)
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        errors = [{"field": "from, to", "message": "must be within the years 1 to 9999 in UTC"}]
        raise ProblemError(problems.INVALID_REQUEST, "There is no such moment.", errors=errors) from None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _versions(events: Sequence[EventView]) -> list[tuple[str, int]]:
    return [(event["_id"], event["version"]) for event in events]
