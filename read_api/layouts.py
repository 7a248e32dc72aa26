"""Layouts: one page for an event's geometry and prices, so that whoever draws a map need not guess them from seat ids.

``create_app`` enters here. Layouts never change, so the page's tag is made of the blocks that there are; this room
keeps nothing in memory and never shows what a seat's status is.
"""

from collections.abc import Sequence
from itertools import groupby

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.seat_layouts import Layout
from contracts.views import LayoutRow, LayoutView
from read_api.conditional import answer, etag
from read_api.declared import add_page
from read_api.events import MAX_SEATS_LISTED, check_names
from read_api.prices import prices_of
from read_api.reaching import reached
from read_api.view import View
from runtime.problems import ProblemError


class LayoutPage:
    """``GET /api/events/{event_id}/layout``."""

    def __init__(self, view: View) -> None:
        self._view = view

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the page."""
        add_page(app, "/api/events/{event_id}/layout", self.layout, Layout, reached(self._view))

    async def layout(self, request: Request, event_id: str) -> Response:
        """Show where an event's seats stand, in map order, and what they cost; null in halls of over 50,000 seats."""
        check_names(event_id)
        watermark = await self._view.watermark()
        found = await self._view.event(event_id, max_seats=MAX_SEATS_LISTED)
        if found is None:
            raise ProblemError(problems.NOT_FOUND, f"There is no event {event_id}.")
        event, blocks = found
        keys = [block["_id"] for block in blocks]
        layouts = {layout["_id"]: layout for layout in await self._view.layouts(keys)} if keys else {}

        def render() -> bytes:
            sections = sections_of([layouts[key] for key in keys]) if keys else None
            return orjson.dumps({"event_id": event_id, "sections": sections})

        return answer(request, etag(watermark.incarnation, keys), watermark.as_of_ms(event["partition"]), render)


def sections_of(layouts: Sequence[LayoutView]) -> list[dict[str, object]]:
    """Return the sections of blocks in map order, in the order of their first blocks."""
    first = {layout["section"]: number for number, layout in reversed(list(enumerate(layouts)))}
    in_order = sorted(layouts, key=lambda layout: first[layout["section"]])
    return [_section(name, list(own)) for name, own in groupby(in_order, lambda layout: layout["section"])]


def _section(name: str, blocks: Sequence[LayoutView]) -> dict[str, object]:
    counted = blocks[0].get("general_admission", False)
    return {
        "section": name,
        "general_admission": counted,
        "seats_total": sum(len(row["seat_ids"]) for block in blocks for row in block["rows"]),
        "currency": blocks[0]["currency"],
        "prices": prices_of((one.get("category"), one["price_minor"], one.get("priced", [])) for one in blocks),
        "accessible": [seat_id for block in blocks for seat_id in block.get("accessible", [])],
        "rows": [] if counted else _rows(blocks),
    }


def _rows(blocks: Sequence[LayoutView]) -> list[LayoutRow]:
    """Return the rows; one that a block's bound has cut in two is whole again."""
    rows: list[LayoutRow] = []
    for block in blocks:
        for number, row in enumerate(block["rows"]):
            if number == 0 and rows and rows[-1]["row"] == row["row"]:
                rows[-1] = {"row": row["row"], "seat_ids": [*rows[-1]["seat_ids"], *row["seat_ids"]]}
            else:
                rows.append(row)
    return rows
