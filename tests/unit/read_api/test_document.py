"""The document says what the pages do: their models, their problems as problems, and nothing else."""

import base64
import json
from typing import Any

import pytest

from contracts import admission, sales, seat_layouts, wire
from read_api.app import create_app
from read_api.settings import ReadApiSettings

KEYS = json.dumps({"current": 1, "keys": {"1": base64.b64encode(b"k" * 32).decode()}})
SETTINGS = {
    "http_host": "127.0.0.1",
    "http_port": 1,
    "mongo_url": "mongodb://view",
    "mongo_database": "frontrow",
    "booking_id_keys": KEYS,
    "keyed_id_key": base64.b64encode(b"k" * 32).decode(),
    "token_public_keys": json.dumps({"keys": {}}),
    "ticket_signing_keys": json.dumps({"current": "1", "keys": {"1": base64.b64encode(b"k" * 32).decode()}}),
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(ReadApiSettings.model_validate(SETTINGS)).openapi()


def test_every_page_is_declared_with_its_model(document: dict[str, Any]) -> None:
    models = {
        path: operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for path, operations in document["paths"].items()
        if not path.endswith(("/stream", "/ticket", "/calendar"))
    }
    assert {path: schema.get("$ref", "").rpartition("/")[2] for path, schema in models.items()} == {
        "/api/events": "",
        "/api/events/{event_id}": wire.Event.__name__,
        "/api/events/{event_id}/sections/{section}": wire.Section.__name__,
        "/api/events/{event_id}/availability": wire.Availability.__name__,
        "/api/events/{event_id}/layout": seat_layouts.Layout.__name__,
        "/api/commands/{command_id}": wire.CommandOutcome.__name__,
        "/api/bookings": "",
        "/api/accounts/me/events": "",
        "/api/bookings/{booking_id}": wire.Booking.__name__,
        "/api/events/{event_id}/bookings": "",
        "/api/productions": "",
        "/api/productions/{production_id}": wire.ProductionWithEvents.__name__,
        "/api/tickets/keys": admission.TicketKeys.__name__,
        "/api/events/{event_id}/sales": sales.Sales.__name__,
    }
    assert models["/api/events"]["items"]["$ref"].endswith("/EventSummary")


def test_refusals_are_problems_and_no_other_form(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for status, declared in operations["get"]["responses"].items():
            if int(status) >= 400:
                assert list(declared["content"]) == ["application/problem+json"], (status, declared)
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operations["get"]["operationId"] for operations in document["paths"].values()]
    assert len(set(names)) == len(names) == 18


def test_a_stream_names_the_form_of_each_of_its_messages(document: dict[str, Any]) -> None:
    told = {
        path: operations["get"]["responses"]["200"]["content"]
        for path, operations in document["paths"].items()
        if path.endswith("/stream")
    }
    assert {path: list(content) for path, content in told.items()} == {path: ["text/event-stream"] for path in told}
    assert {
        path: [one["$ref"].rpartition("/")[2] for one in content["text/event-stream"]["x-messages"].values()]
        for path, content in told.items()
    } == {
        "/api/events/{event_id}/stream": ["EventSnapshot", "EventChange", "StreamAge", "StreamAge"],
        "/api/bookings/{booking_id}/stream": ["Booking", "Booking", "StreamAge", "StreamAge"],
    }
    for name in ("EventSnapshot", "EventChange", "StreamAge", "Booking"):
        assert name in document["components"]["schemas"]


def test_the_keys_of_ids_are_never_printed() -> None:
    settings = ReadApiSettings.model_validate(SETTINGS)
    assert base64.b64encode(b"k" * 32).decode() not in repr(settings)
    assert "kkkk" not in repr(settings)
