"""What organisers send, and the catalogue."""

import pytest

from frontrow_client import InvalidRequestError
from frontrow_client.organising import UPLOAD_S
from tests.unit.frontrow_client.telling import Told, answer, problem

ACCEPTED = {"command_id": "cm_1", "event_id": "an-evening", "event_url": "/api/events/an-evening"}
PRODUCTION = {
    "production_id": "metropolis",
    "name": "Metropolis",
    "kind": "movie",
    "events_total": 2,
    "first_date": "2027-05-01T19:00:00Z",
    "last_date": "2027-05-02T19:00:00Z",
}


def test_a_file_is_sent_as_it_is() -> None:
    client = Told(answer(202, {**ACCEPTED, "blocks": 1, "seats": 20}))
    assert client.announce(b'{\n "name": "An evening"}').event_id == "an-evening"
    client.import_seats("an evening", b"section,row,seat_id\n", content_type="text/csv", publish=False)
    assert client.paths() == ["POST /api/events", "POST /api/events/an%20evening/seats"]
    assert [request.content for request in client.sent] == [b'{\n "name": "An evening"}', b"section,row,seat_id\n"]
    assert [request.headers["Content-Type"] for request in client.sent] == ["application/json", "text/csv"]
    assert client.sent[1].params == {"publish": "false"}
    assert all(request.timeout_s >= UPLOAD_S / 2 for request in client.sent)
    assert client.keys_sent() == ["key-0", "key-1"]


def test_a_seat_map_is_looked_at() -> None:
    client = Told(answer(200, {"sections": 1, "blocks": 1, "seats": 3}))
    assert client.check_seats("an-evening", b"{}").seats == 3
    assert client.sent[0].params == {"dry_run": "true"}


def test_what_is_wrong_is_told_with_its_line() -> None:
    wrong = problem(422, "invalid-request", errors=[{"field": "seat_id", "message": "is none", "line": 5}])
    with pytest.raises(InvalidRequestError) as raised:
        Told(wrong).announce(b"{}")
    assert [(error.field, error.line) for error in raised.value.errors] == [("seat_id", 5)]


def test_the_sale_is_opened_and_closed() -> None:
    client = Told(answer(202, {"command_id": "cm_1", "status": "pending"}))
    client.open_sale("concert123", key="a key of mine 1")
    client.close_sale("concert123")
    assert client.paths() == ["POST /api/events/concert123/open", "POST /api/events/concert123/close"]
    assert client.keys_sent() == ["a key of mine 1", "key-0"]


def test_productions_are_listed_and_shown() -> None:
    assert Told(answer(200, [PRODUCTION])).productions(kind="movie").items[0].name == "Metropolis"
    assert Told(answer(200, {**PRODUCTION, "events": []})).production("metropolis").events == []
