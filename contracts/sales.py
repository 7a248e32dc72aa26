"""Sales: what an event's organiser is told of how it sells, as the wire has it. ``read_api`` enters here.

The figures are ``sync_service``'s (``sync_service.sales``); what each one counts is said here, and nowhere else.
"""

from pydantic import BaseModel


class SeatFigures(BaseModel):
    """How many seats are what now. ``held``: by bookings and offers; ``blocked``: kept back, in either way."""

    available: int
    held: int
    booked: int
    blocked: int


class CategorySales(SeatFigures):
    """One category, at one price. ``revenue_minor``: what its booked seats cost, in minor units of ``currency``."""

    category: str | None
    price_minor: int | None
    currency: str | None
    revenue_minor: int


class Revenue(BaseModel):
    """What all booked seats cost, in minor units of one currency."""

    currency: str
    revenue_minor: int


class SoldMinute(BaseModel):
    """How many seats became booked in the minute that begins at ``minute``, on the log's time."""

    minute: str
    seats: int


class Sales(BaseModel):
    """``GET /api/events/{event_id}/sales``.

    ``seats``, ``categories`` and ``revenue`` say how it stands now: what was given back is not in them. ``sold`` says
    when seats became booked, the last 1,440 minutes in which any did; what was given back later is not taken off.
    ``sold_earlier``: how many did in minutes before those. ``refused``: booking requests by why they were refused.
    ``counted_since``: what was decided before is not in ``sold`` and ``refused``; null: they have all.
    """

    event_id: str
    seats_total: int
    seats: SeatFigures
    categories: list[CategorySales]
    revenue: list[Revenue]
    sold: list[SoldMinute]
    sold_earlier: int
    refused: dict[str, int]
    counted_since: str | None
    version: int
