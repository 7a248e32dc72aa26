"""How an event sells, for its organiser and operators alone. Counted by the projector; nothing is counted here.

The gateway enters here. Never kept: whoever watches a sale wants the figures of this moment.
"""

from typing import Any, Final, Literal, get_args

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts.callers import Caller
from contracts.sales import Sales
from contracts.views import SalesView
from read_api.conditional import never_kept, rfc3339
from read_api.declared import add_page
from read_api.event_bookings import event_of_organiser
from read_api.reaching import reached
from read_api.view import View
from runtime.credentials import Credentials

Figure = Literal["available", "held", "booked", "blocked"]
FIGURES: Final[tuple[Figure, ...]] = get_args(Figure)


class SalesPages:
    """The route below ``/api/events``."""

    def __init__(self, view: View, credentials: Credentials[Caller]) -> None:
        self._view = view
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the page."""
        path = "/api/events/{event_id}/sales"
        add_page(app, path, self.event_sales, Sales, reached(self._view), tagged=False, private="for some")

    async def event_sales(self, request: Request, event_id: str) -> Response:
        """Show how an event sells: seats and revenue by category, sold by minute, refused by reason."""
        event = await event_of_organiser(self._view, self._credentials.required(request.scope), event_id)
        watermark = await self._view.watermark()
        found = await self._view.sales(event_id)
        headers = never_kept(watermark.as_of_ms(event["partition"]))
        body = told(event_id, event["seats_total"], found)
        return Response(orjson.dumps(body), headers=headers, media_type="application/json")


def told(event_id: str, seats_total: int, sales: SalesView | None) -> dict[str, Any]:
    """Return the body that ``contracts.sales.Sales`` describes."""
    categories = list(sales["categories"]) if sales is not None else []
    revenue: dict[str, int] = {}
    priced = []
    for category in categories:
        minor = (category["price_minor"] or 0) * category["booked"]
        priced.append({**category, "revenue_minor": minor})
        if category["currency"] is not None:
            revenue[category["currency"]] = revenue.get(category["currency"], 0) + minor
    sold = sales["sold"] if sales is not None else {}
    return {
        "event_id": event_id,
        "seats_total": seats_total,
        "seats": {name: sum(category[name] for category in categories) for name in FIGURES},
        "categories": priced,
        "revenue": [{"currency": currency, "revenue_minor": minor} for currency, minor in sorted(revenue.items())],
        "sold": [{"minute": _minute(minute), "seats": sold[minute]} for minute in sorted(sold, key=int)],
        "sold_earlier": sales["sold_earlier"] if sales is not None else 0,
        "refused": sales["refused"] if sales is not None else {},
        "counted_since": sales["since"] if sales is not None else None,
        "version": sales["version"] if sales is not None else 0,
    }


def _minute(minute: str) -> str:
    return rfc3339(int(minute) * 60_000)
