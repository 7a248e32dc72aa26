"""Summaries: an event as every list and page shows it, without its seats. Pure.

A document from before there were organisers lacks what they say; it shows as said by nobody.
"""

from typing import Any, Final

from contracts.views import EventView

_SAID: Final = (
    "place",
    "production_id",
    "production_name",
    "origin",
    "destination",
    "departure",
    "arrival",
    "on_sale_at",
    "off_sale_at",
    "max_seats_per_user",
)


def summary(event: EventView) -> dict[str, Any]:
    """Return an event as lists show it; who organises it is shown to nobody."""
    return {
        "_id": event["_id"],
        "event_id": event["event_id"],
        "date": event["date"],
        "name": event["name"],
        "kind": event["kind"],
        "venue": event["venue"],
        "time_zone": event["time_zone"],
        "seats_total": event["seats_total"],
        "seats_available": event["seats_available"],
        "version": event["version"],
        "status": event.get("status", "on_sale"),
        "local_date": event.get("local_date"),
        "hold_seconds": event.get("hold_seconds", 0),
        **{name: event.get(name) for name in _SAID},
    }
