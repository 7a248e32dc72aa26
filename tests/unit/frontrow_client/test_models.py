"""The models are what the published document says, field by field; and they outlive what a later one adds."""

import json
from typing import Any, Final

import pytest

from frontrow_client import models
from infra.openapi import build

DOCUMENT: Final[dict[str, Any]] = json.loads((build.STATIC / "openapi.json").read_text())
SAME: Final = {
    "Best": "BestSeatsRequest",
    **{
        name: name
        for name in (
            *("Availability", "Booking", "Check", "CommandOutcome", "Event", "EventSummary", "Health", "Offer"),
            *("CategoryPrice", "Seat", "Section", "SectionAvailability"),
            *("EventChange", "EventSnapshot", "SeatsByStatus", "StreamedSection"),
            *("EventAccepted", "Production", "ProductionWithEvents"),
            *("CheckedIn", "Ticket", "Tickets", "SeatFigures", "CategorySales", "Revenue", "SoldMinute", "Sales"),
        )
    },
}
"""The document's name of each model."""
LEFT_OUT: Final = {
    "EventAccepted": {"status", "status_url"},  # an announced event is followed by its command's id
    "Event": {"_id"},  # the published form's second name of event_id
    "EventSummary": {"_id"},
    "Seat": {"user_id"},  # a field of the published form that is always null
}


@pytest.mark.parametrize("name", SAME)
def test_a_model_has_every_field_of_the_document_with_its_type(name: str) -> None:
    model = getattr(models, name)
    ours = model.model_json_schema()
    theirs = DOCUMENT["components"]["schemas"][SAME[name]]
    expected = {
        _snake_case(field): _type(schema)
        for field, schema in theirs["properties"].items()
        if field not in LEFT_OUT.get(name, ())
    }
    assert {field: _type(schema) for field, schema in ours["properties"].items()} == expected


@pytest.mark.parametrize("name", SAME)
def test_a_field_that_is_required_is_in_every_answer(name: str) -> None:
    model = getattr(models, name)
    theirs = DOCUMENT["components"]["schemas"][SAME[name]]
    required = {field for field, info in model.model_fields.items() if info.is_required()}
    assert required <= {_snake_case(field) for field in theirs.get("required", ())}


def test_a_later_word_and_a_later_field_are_no_error() -> None:
    body = {"booking_id": "bk_1", "status": "on_its_way", "seats_with_a_view": True, "version": 1}
    assert models.Booking.model_validate(body).model_dump()["status"] == "on_its_way"


def test_a_booking_says_whether_it_has_its_seats() -> None:
    words = ("pending", "held", "paying", "confirmed", "rejected", "failed", "cancelled", "expired")
    bookings = [models.Booking.model_validate({"booking_id": "bk_1", "status": word}) for word in words]
    assert [booking.status for booking in bookings if booking.has_seats] == ["held", "paying", "confirmed"]
    assert [booking.status for booking in bookings if not booking.decided] == ["pending"]


def _type(schema: dict[str, Any]) -> object:
    """Return what a schema says of the value's kind; a time is text, and words are text."""
    if "anyOf" in schema:
        kinds = {_type(one) for one in schema["anyOf"]}
        return frozenset(kinds)
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if schema.get("type") == "array":
        return ("array", _type(schema["items"]))
    if isinstance(schema.get("additionalProperties"), dict):
        return ("object", _type(schema["additionalProperties"]))
    return schema.get("type")


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
