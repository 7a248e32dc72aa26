"""The story: what the first visitor does, in order, and what a second one is told, to the letter of the wire."""

import json
import re
from typing import Any

import httpx

from tests.eventually import eventually
from tests.frontrow import Frontrow, problem, reasons

EVENT_FIELDS = {
    "_id",
    "event_id",
    "date",
    "name",
    "kind",
    "venue",
    "time_zone",
    "seats_total",
    "seats_available",
    "version",
    "status",
    "local_date",
    "hold_seconds",
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
}
BOOKING_FIELDS = {
    "booking_id",
    "event_id",
    "seat_ids",
    "status",
    "reason",
    "user_id",
    "requested_at",
    "decided_at",
    "expires_at",
    "version",
    "position",
}


def test_the_events_are_listed_in_order_of_date_without_seats(frontrow: Frontrow) -> None:
    events = frontrow.client.get("/api/events").json()
    assert {"concert123", "sports_event456"} <= {event["event_id"] for event in events}
    assert [(e["date"], e["event_id"]) for e in events] == sorted((e["date"], e["event_id"]) for e in events)
    for event in events:
        assert set(event) == EVENT_FIELDS
        assert event["_id"] == event["event_id"]


def test_a_seat_is_booked_and_nobody_else_gets_it(frontrow: Frontrow) -> None:
    answer = frontrow.client.get("/api/events/sports_event456")
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert answer.headers["frontrow-as-of"].endswith("Z")
    event = answer.json()
    assert set(event) == EVENT_FIELDS | {"seats", "description"}
    assert event["seats"][1] == {"seat_id": "A2", "status": "available", "user_id": None}

    booked = frontrow.book("sports_event456", "A2", user="user-123")
    assert booked.status_code == 202
    body = booked.json()
    assert body == {
        "message": "Booking request received and is being processed.",
        "booking_id": body["booking_id"],
        "status": "pending",
        "status_url": f"/api/bookings/{body['booking_id']}",
    }
    assert booked.headers["location"] == body["status_url"]
    assert booked.headers["retry-after"] == "1"

    outcome = frontrow.outcome(body["booking_id"])
    assert set(outcome) - {"conflicts"} == BOOKING_FIELDS
    assert (outcome["status"], outcome["reason"], outcome["seat_ids"]) == ("confirmed", None, ["A2"])
    assert outcome["user_id"] is None
    assert frontrow.client.get(body["status_url"]).headers["cache-control"] == "no-store"

    def shown() -> None:
        assert frontrow.seats("sports_event456")["A2"] == "booked"

    eventually(shown)

    again = frontrow.outcome(frontrow.accept("sports_event456", "A2", user="user-456"))
    assert (again["status"], again["reason"], again["conflicts"]) == ("rejected", "seat_taken", ["A2"])


def test_what_does_not_exist_is_accepted_and_rejected_with_the_reason(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    no_event = frontrow.outcome(frontrow.accept("no-such-event", "A1"))
    no_seat = frontrow.outcome(frontrow.accept(event_id, "A1", "Z99"))
    assert reasons([no_event]) == {("rejected", "unknown_event")}
    assert reasons([no_seat]) == {("rejected", "unknown_seat")}
    assert frontrow.seats(event_id)["A1"] == "available"


def test_ten_seats_are_booked_all_or_none(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=12)
    ten = [f"A{n}" for n in range(1, 11)]
    assert frontrow.outcome(frontrow.accept(event_id, "A12"))["status"] == "confirmed"
    overlapping = frontrow.outcome(frontrow.accept(event_id, "A11", "A12"))
    assert (overlapping["status"], overlapping["conflicts"]) == ("rejected", ["A12"])
    assert frontrow.outcome(frontrow.accept(event_id, *ten))["status"] == "confirmed"

    def shown() -> None:
        assert [seat for seat, status in frontrow.seats(event_id).items() if status == "available"] == ["A11"]

    eventually(shown)
    available = frontrow.client.get(f"/api/events/{event_id}/availability").json()
    assert available["sections"][0]["status"] == "bbbbbbbbbbab"
    section = frontrow.client.get(f"/api/events/{event_id}/sections/main").json()
    assert (section["seats_total"], section["seats_available"]) == (12, 1)


def test_a_view_that_did_not_change_is_not_sent_again(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    first = frontrow.client.get(f"/api/events/{event_id}")
    second = frontrow.client.get(f"/api/events/{event_id}", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 304
    assert second.content == b""


def test_a_booking_id_that_was_never_issued_is_not_found(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    booking_id = frontrow.accept(event_id, "A1")
    for position in (0, 3, 10, 20, 38):
        other = "A" if booking_id[position] != "A" else "B"
        forged = booking_id[:position] + other + booking_id[position + 1 :]
        problem(frontrow.client.get(f"/api/bookings/{forged}"), 404, "not-found")
    for malformed in ("bk_", "nonsense", booking_id + "A", booking_id[:-1]):
        problem(frontrow.client.get(f"/api/bookings/{malformed}"), 404, "not-found")


def test_a_request_can_be_followed_from_the_gateway_to_its_outcome(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    request_id = f"follow-{event_id}"
    body = {"userId": "u", "eventId": event_id, "seatId": "A1"}
    answer = frontrow.client.post("/api/book", json=body, headers={"X-Request-Id": request_id})
    frontrow.remember(answer.status_code, answer.json())
    assert answer.headers["x-request-id"] == request_id
    booking_id = answer.json()["booking_id"]

    def lines(name: str) -> list[dict[str, Any]]:
        text = (frontrow.instance.logs / name).read_text()
        found = [json.loads(line) for line in text.splitlines() if request_id in line]
        assert len(found) == 1, found
        return found

    def logged() -> None:
        (seen,) = lines("gateway-access.log")
        assert seen["location"] == f"/api/bookings/{booking_id}"
        (batch,) = lines("worker.log")
        (outcome,) = [outcome for outcome in batch["outcomes"] if outcome["request_id"] == request_id]
        assert (outcome["command_id"], outcome["status"]) == (booking_id, "confirmed")

    eventually(logged)


def test_health_says_that_bookings_can_be_accepted_decided_and_shown(frontrow: Frontrow) -> None:
    eventually(frontrow.health)
    health = frontrow.client.get("/health").json()
    assert health["status"] == "ok"
    assert set(health["checks"]) == {"accepted", "decided", "shown", "paid", "told", "audited"}
    for check in health["checks"].values():
        assert check["status"] == "ok"
        assert check["since"].endswith("Z")


def test_the_services_own_doors_are_not_open_at_the_gateway(frontrow: Frontrow) -> None:
    for path in ("/metrics", "/health/live", "/health/ready", "/openapi.json", "/docs"):
        problem(frontrow.client.get(path), 404, "not-found")


def test_the_document_names_every_call_and_its_references_lead_somewhere(frontrow: Frontrow) -> None:
    answer = frontrow.client.get("/api/openapi.json")
    assert answer.status_code == httpx.codes.OK
    document = answer.json()
    assert document["openapi"].startswith("3.")
    assert {
        "/api/book",
        "/api/bookings/{booking_id}",
        "/api/bookings/{booking_id}/extension",
        "/api/commands/{command_id}",
        "/api/events",
        "/api/events/{event_id}",
        "/api/events/{event_id}/sections/{section}",
        "/api/events/{event_id}/availability",
        "/health",
    } <= set(document["paths"])
    references = _references(document)
    assert references
    for reference in references:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    page = frontrow.client.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page.text), "nothing is fetched from elsewhere"


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    if isinstance(node, list):
        return set().union(*map(_references, node))
    return set()
