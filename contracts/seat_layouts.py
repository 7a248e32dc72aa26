"""Layouts as the wire shows them: where an event's seats stand and what they cost, which never changes once on sale.

``read_api`` enters here. What seats are at the moment is ``GET /api/events/{event_id}/availability``: its sections are
these, in the same order, and its status strings have a character for each seat of theirs.
"""

from pydantic import BaseModel

from contracts.wire import CategoryPrice


class SeatRow(BaseModel):
    """A row's label and its seats in the order in which they stand."""

    row: str
    seat_ids: list[str]


class SectionLayout(BaseModel):
    """One section. ``rows`` is empty where places have no numbers, and they are counted alone.

    ``accessible``: seats for people who need room. ``prices``: what a seat costs in minor units of ``currency``.
    """

    section: str
    general_admission: bool
    seats_total: int
    currency: str | None
    prices: list[CategoryPrice]
    accessible: list[str]
    rows: list[SeatRow]


class Layout(BaseModel):
    """``GET /api/events/{event_id}/layout``; ``sections`` is null in halls of over 50,000 seats."""

    event_id: str
    sections: list[SectionLayout] | None
