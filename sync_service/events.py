"""Events as they are shown: what the ledger says of one, and what it is found by. Pure.

``seat_maps`` enters here; its seats are counted there.
"""

from datetime import datetime

from contracts.catalogue import folded, local_time, words_of
from contracts.views import EventView
from sync_service.feed import EventFacts
from sync_service.times import from_milliseconds, to_second


def event_facts(facts: EventFacts) -> EventView:
    """Return an event's document, yet without seats and version."""
    local = local_time(facts.date, facts.time_zone)
    return {
        "_id": facts.event_id,
        "event_id": facts.event_id,
        "name": facts.name,
        "kind": facts.kind,
        "venue": facts.venue,
        "time_zone": facts.time_zone,
        "date": to_second(facts.date),
        "seats_total": 0,
        "seats_available": 0,
        "partition": facts.partition,
        "version": facts.own_version,
        "status": facts.status,
        "organiser": facts.organiser,
        "description": facts.description,
        "place": facts.place,
        "hold_seconds": facts.hold_seconds,
        "max_seats_per_user": facts.max_seats_per_user,
        "on_sale_at": _moment(facts.on_sale_at_ms),
        "off_sale_at": _moment(facts.off_sale_at_ms),
        "production_id": facts.production_id,
        "production_name": facts.production_name,
        "origin": facts.origin,
        "destination": facts.destination,
        "departure": _second(facts.departure),
        "arrival": _second(facts.arrival),
        "local_date": local.isoformat(timespec="seconds"),
        "local_day": local.date().isoformat(),
        "words": words_of(
            facts.name,
            facts.venue,
            facts.place,
            facts.production_name,
            facts.origin,
            facts.destination,
            facts.description,
        ),
        "place_key": _key(facts.place),
        "origin_key": _key(facts.origin),
        "destination_key": _key(facts.destination),
    }


def _moment(ms: int | None) -> str | None:
    return from_milliseconds(ms) if ms is not None else None


def _second(at: datetime | None) -> str | None:
    return to_second(at) if at is not None else None


def _key(text: str | None) -> str | None:
    return folded(text) if text else None
