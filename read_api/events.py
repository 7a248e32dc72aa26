"""Events: the public views, the same for everybody. Ready bytes, tagged with the versions that they were made from.

The watermark is read before the documents, so ``Frontrow-As-Of`` never claims more than they show. Event and blocks may
come from two moments of the projection: what is counted in a page is counted from the seats that it lists, and its
tag is made from the version of every document in it.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.seat_status import available_in
from contracts.views import BlockView
from contracts.wire import Availability, Event, Section
from read_api.conditional import answer, etag
from read_api.declared import add_page
from read_api.reaching import reached
from read_api.seat_lists import SeatLists
from read_api.summaries import summary
from read_api.view import View
from runtime.problems import ProblemError

MAX_SEATS_LISTED: Final = 50_000
"""An event with more seats lists none by itself: its sections and its availability do."""

_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")


class EventPages:
    """The routes below ``/api/events``."""

    def __init__(self, view: View, seat_lists: SeatLists) -> None:
        self._view = view
        self._seat_lists = seat_lists

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the pages."""
        before = reached(self._view)
        add_page(app, "/api/events/{event_id}", self.event, Event, before)
        add_page(app, "/api/events/{event_id}/sections/{section}", self.section, Section, before)
        add_page(app, "/api/events/{event_id}/availability", self.availability, Availability, before)

    async def event(self, request: Request, event_id: str) -> Response:
        """Show one event with all its seats in map order; ``seats`` is null in halls of over 50,000 seats."""
        check_names(event_id)
        watermark = await self._view.watermark()
        found = await self._view.event(event_id, max_seats=MAX_SEATS_LISTED)
        if found is None:
            raise ProblemError(problems.NOT_FOUND, f"There is no event {event_id}.")
        event, blocks = found
        listed = await self._seat_lists.load(blocks, watermark.incarnation) if blocks else None

        def render() -> bytes:
            body = {**summary(event), "description": event.get("description", "")}
            if listed is None:
                return orjson.dumps({**body, "seats": None})
            body["seats_available"] = sum(available_in(block["status"]) for block in blocks)
            return listed.after(body)

        tag = etag(watermark.incarnation, event["version"], _versions(blocks))
        return answer(request, tag, watermark.as_of_ms(event["partition"]), render)

    async def section(self, request: Request, event_id: str, section: str) -> Response:
        """Show one section of an event with its seats in map order."""
        check_names(event_id, section)
        watermark = await self._view.watermark()
        found = await self._view.event(event_id, section=section)
        if found is None or not found[1]:
            raise ProblemError(problems.NOT_FOUND, f"There is no section {section} of an event {event_id}.")
        event, blocks = found
        listed = await self._seat_lists.load(blocks, watermark.incarnation)

        def render() -> bytes:
            price_minor, currency = listed.price()
            body = {
                "event_id": event_id,
                "section": section,
                "price_minor": price_minor,
                "currency": currency,
                "prices": listed.prices(),
                "seats_total": sum(len(block["status"]) for block in blocks),
                "seats_available": sum(available_in(block["status"]) for block in blocks),
                "version": sum(block["version"] for block in blocks),
            }
            return listed.after(body)

        tag = etag(watermark.incarnation, _versions(blocks))
        return answer(request, tag, watermark.as_of_ms(event["partition"]), render)

    async def availability(self, request: Request, event_id: str) -> Response:
        """Show each section's seats as one character each: ``a`` available, ``h`` held, ``b`` booked."""
        check_names(event_id)
        watermark = await self._view.watermark()
        found = await self._view.event(event_id)
        if found is None:
            raise ProblemError(problems.NOT_FOUND, f"There is no event {event_id}.")
        event, blocks = found

        def render() -> bytes:
            body = {"event_id": event_id, "version": event["version"], "sections": _sections(blocks)}
            return orjson.dumps(body)

        tag = etag(watermark.incarnation, event["version"], _versions(blocks))
        return answer(request, tag, watermark.as_of_ms(event["partition"]), render)


def _sections(blocks: Sequence[BlockView]) -> list[dict[str, object]]:
    """Return the sections in the order of their first blocks."""
    order = {block["section"]: number for number, block in reversed(list(enumerate(blocks)))}
    sections = []
    for section, members in groupby(sorted(blocks, key=lambda block: order[block["section"]]), lambda b: b["section"]):
        own = list(members)
        status = "".join(block["status"] for block in own)
        sections.append(
            {
                "section": section,
                "seats_total": len(status),
                "seats_available": available_in(status),
                "version": sum(block["version"] for block in own),
                "status": status,
            }
        )
    return sections


def _versions(blocks: Sequence[BlockView]) -> list[tuple[int, int]]:
    return [(block["block"], block["version"]) for block in blocks]


def check_names(*names: str) -> None:
    """Refuse what cannot be a name: it names nothing, and is not looked for."""
    if not all(map(_NAME.fullmatch, names)):
        raise ProblemError(problems.NOT_FOUND, "There is nothing of this name.")
