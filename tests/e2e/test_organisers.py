"""Organisers at the gateway: announce, import, change, open, close, keep back, limit, call off, and see who booked."""

import csv
import io

import pytest

from tests.e2e.test_holds import assert_seats
from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem
from tests.organisers import ABOUT, SECTION, Organiser, a_name
from tests.people import somebody

CSV = """section,row,seat_id,price_minor,currency,category,accessible
stalls,A,A1,5000,EUR,standard,
stalls,A,A2,5000,EUR,standard,yes
stalls,B,B1,7000,EUR,front,
"""


@pytest.fixture(scope="module")
def organiser(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


@pytest.fixture(scope="module")
def other(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


def reason(frontrow: Frontrow, event_id: str, *seat_ids: str, user: str = "user-123") -> str | None:
    """Return why a booking is refused, or None."""
    outcome = frontrow.outcome(frontrow.accept(event_id, *seat_ids, user=user))
    return str(outcome["reason"]) if outcome["reason"] is not None else None


def test_an_event_is_announced_with_its_seats_and_sold_at_once(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = organiser.new_event(place="Vienna", description="By the river.")
    shown = organiser.shown(event_id)
    assert (shown["date"], shown["local_date"]) == ("2027-05-01T17:00:00Z", "2027-05-01T19:00:00+02:00")
    assert (shown["seats_total"], shown["status"], shown["description"]) == (20, "on_sale", "By the river.")
    assert "organiser" not in shown
    assert reason(frontrow, event_id, "A1") is None
    assert reason(frontrow, event_id, "A1") == "seat_taken"


def test_an_event_announced_twice_under_a_key_is_one(organiser: Organiser) -> None:
    body = {**ABOUT, "sections": [SECTION]}

    key = {"Idempotency-Key": a_name("key")}
    first = organiser.done(organiser.post("/api/events", body, headers=key))
    again = organiser.done(organiser.post("/api/events", body, headers=key))
    assert first == again
    assert first["event_id"].startswith("an-evening-")


def test_a_key_is_for_one_announcement(organiser: Organiser) -> None:
    body = {**ABOUT, "sections": [SECTION]}

    def refused() -> None:
        key = {"Idempotency-Key": a_name("key")}
        organiser.done(organiser.post("/api/events", body, headers=key))
        problem(organiser.post("/api/events", {**body, "venue": "Another"}, headers=key), 422, "idempotency-key-reused")

    # A key is known as used as long as Redis answers within a tenth of a second, which a busy machine does not promise.
    eventually(refused)


def test_who_does_not_organise_announces_nothing(frontrow: Frontrow) -> None:
    body = {**ABOUT, "sections": [SECTION]}
    problem(frontrow.client.post("/api/events", json=body), 401, "unauthenticated")
    customer = somebody(frontrow.client)
    problem(frontrow.client.post("/api/events", json=body, headers=customer.headers), 403, "forbidden")


def test_everything_that_is_wrong_with_an_event_is_named_with_its_line(organiser: Organiser) -> None:
    body = """{
  "name": "An evening",
  "date": "2027-05-01T19:00:00Z",
  "venue": "The hall",
  "time_zone": "Europe/Vienna",
  "sections": [
    {"section": "stalls", "rows": [
      {"row": "A", "seats": ["A1", "A 2"]},
      {"row": "B", "count": 5000}
    ]}
  ]
}"""
    answer = organiser.post("/api/events", content=body, headers={"Content-Type": "application/json"})
    errors = problem(answer, 422, "invalid-request")["errors"]
    assert [(error["field"], error["line"]) for error in errors] == [
        ("sections.0.rows.0.seats.1", 8),
        ("sections.0.rows.1.count", 9),
    ]


def test_a_seat_map_is_imported_from_csv_after_it_was_looked_at(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = organiser.new_event(sections=[], publish=False)
    path, csv_type = f"/api/events/{event_id}/seats", {"Content-Type": "text/csv"}
    wrong = CSV + "stalls,B,A1,,,,\nstalls,B,B 3,x,EUR,,maybe\n"
    errors = problem(organiser.post(f"{path}?dry_run=true", content=wrong, headers=csv_type), 422, "invalid-request")
    assert [(error["line"], error["field"]) for error in errors["errors"]] == [
        (5, "seat_id"),
        (6, "seat_id"),
        (6, "price_minor"),
        (6, "accessible"),
    ]
    looked = organiser.post(f"{path}?dry_run=true", content=CSV, headers=csv_type)
    assert looked.json() == {"sections": 1, "blocks": 1, "seats": 3}
    problem(frontrow.client.get(f"/api/events/{event_id}"), 404, "not-found")
    organiser.done(organiser.post(path, content=CSV, headers=csv_type))
    eventually(lambda: organiser.shown(event_id))
    section = frontrow.client.get(f"/api/events/{event_id}/sections/stalls").json()
    assert section["prices"] == [
        {"category": "standard", "price_minor": 5000, "seat_ids": None},
        {"category": "front", "price_minor": 7000, "seat_ids": ["B1"]},
    ]


def test_the_best_seats_for_the_money_are_looked_for_seat_by_seat(frontrow: Frontrow, organiser: Organiser) -> None:
    dear = {"category": "front", "price_minor": 9000, "rows": ["A"]}
    event_id = organiser.new_event(sections=[{**SECTION, "category": "standard", "categories": [dear]}])
    best = {"userId": "user-123", "eventId": event_id, "best": {"count": 2, "max_price": 5000}}
    answer = frontrow.client.post("/api/book", json=best)
    frontrow.remember(answer.status_code, answer.json())
    assert frontrow.outcome(answer.json()["booking_id"])["seat_ids"] == ["B5", "B6"]


def test_an_event_is_changed_and_says_so(frontrow: Frontrow, organiser: Organiser, other: Organiser) -> None:
    event_id = organiser.new_event()
    path = f"/api/events/{event_id}"
    organiser.done(organiser.patch(path, {"name": "Another evening", "date": "2027-05-02T19:00:00+02:00"}))

    def changed() -> None:
        shown = organiser.shown(event_id)
        assert (shown["name"], shown["local_date"]) == ("Another evening", "2027-05-02T19:00:00+02:00")

    eventually(changed)
    for forbidden in (other.patch(path, {"name": "Mine"}), other.post(f"{path}/cancel")):
        frontrow.assert_refused(forbidden, "forbidden")
    problem(organiser.patch(path, {"name": None}), 422, "invalid-request")
    problem(organiser.patch(path, {}), 422, "invalid-request")
    problem(organiser.patch(path, {"time_zone": "Nowhere/Town"}), 422, "invalid-request")
    assert frontrow.client.delete(path).headers["allow"] == "GET, HEAD, PATCH"


def test_the_sale_is_opened_and_closed(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = organiser.new_event(on_sale_at="2099-01-01T00:00:00Z")
    path = f"/api/events/{event_id}"
    assert reason(frontrow, event_id, "A1") == "sale_not_open"
    organiser.done(organiser.post(f"{path}/open"))
    assert reason(frontrow, event_id, "A1") is None
    organiser.done(organiser.post(f"{path}/close"))
    assert reason(frontrow, event_id, "A2") == "sale_closed"
    organiser.done(organiser.patch(path, {"off_sale_at": "2020-01-01T00:00:00Z"}))
    organiser.done(organiser.post(f"{path}/open"))
    assert reason(frontrow, event_id, "A2") is None


def test_seats_are_kept_back_and_released(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = organiser.new_event()
    path = f"/api/events/{event_id}"
    organiser.done(organiser.post(f"{path}/block", {"seat_ids": ["A1"], "purpose": "kill"}))
    organiser.done(organiser.post(f"{path}/block", {"seat_ids": ["A2", "A3"]}))
    assert_seats(frontrow, event_id, A1="booked", A2="held", A3="held", A4="available")
    assert reason(frontrow, event_id, "A2") == "seat_taken"
    assert organiser.refused(organiser.post(f"{path}/block", {"seat_ids": ["A3", "A4"]})) == "seat_taken"
    organiser.done(organiser.post(f"{path}/release", {"seat_ids": ["A2", "A1"]}))
    assert_seats(frontrow, event_id, A1="available", A2="available", A3="held", A4="available")
    assert reason(frontrow, event_id, "A1", "A2") is None
    assert organiser.refused(organiser.post(f"{path}/release", {"seat_ids": ["A1"]})) == "wrong_state"


def test_nobody_has_more_seats_than_the_limit(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = organiser.new_event(max_seats_per_user=2)
    booking_id = frontrow.accept(event_id, "A1", "A2", user="anna")
    assert frontrow.outcome(booking_id)["status"] == "confirmed"
    assert reason(frontrow, event_id, "A3", user="anna") == "limit_exceeded"
    assert reason(frontrow, event_id, "A3", "A4", user="berta") is None
    frontrow.command(frontrow.client.delete(f"/api/bookings/{booking_id}?seat_id=A1"))
    assert reason(frontrow, event_id, "A1", user="anna") is None
    assert reason(frontrow, event_id, "A5", user="anna") == "limit_exceeded"


def test_a_cancelled_event_cancels_its_bookings_and_sells_nothing_any_more(
    frontrow: Frontrow, organiser: Organiser
) -> None:
    event_id = organiser.new_event(hold_seconds=600)
    bookings = [frontrow.accept(event_id, f"A{seat}", f"B{seat}") for seat in range(1, 6)]
    for booking_id in bookings:
        assert frontrow.outcome(booking_id)["status"] == "held"
    organiser.done(organiser.post(f"/api/events/{event_id}/cancel"))
    assert reason(frontrow, event_id, "A9") == "event_cancelled"

    def over() -> None:
        for booking_id in bookings:
            shown = frontrow.booking(booking_id)
            assert (shown["status"], shown["reason"]) == ("cancelled", "event_cancelled")
        assert set(frontrow.seats(event_id).values()) == {"available"}
        assert organiser.shown(event_id)["status"] == "cancelled"

    eventually(over)
    organiser.done(organiser.post(f"/api/events/{event_id}/cancel"))
    assert organiser.refused(organiser.post(f"/api/events/{event_id}/open")) == "event_cancelled"


def test_an_event_s_bookings_are_its_organiser_s_to_see(
    frontrow: Frontrow, organiser: Organiser, other: Organiser
) -> None:
    event_id = organiser.new_event()
    bookings = sorted(frontrow.accept(event_id, f"A{seat}") for seat in range(1, 6))
    for booking_id in bookings:
        frontrow.outcome(booking_id)
    path = f"/api/events/{event_id}/bookings"
    page = organiser.get(f"{path}?limit=3")
    assert page.headers["cache-control"] == "no-store"
    rest = organiser.get(page.links["next"]["url"])
    assert "next" not in rest.links
    listed: list[Document] = [*page.json(), *rest.json()]
    assert [booking["booking_id"] for booking in listed] == bookings
    assert all(booking["principal"].startswith("p_") for booking in listed)
    for asked in (organiser.get(path, accept="text/csv"), organiser.get(f"{path}.csv")):
        assert asked.headers["content-type"] == "text/csv; charset=utf-8"
        lines = list(csv.DictReader(io.StringIO(asked.text)))
        assert [line["booking_id"] for line in lines] == bookings
        assert {line["status"] for line in lines} == {"confirmed"}
    problem(frontrow.client.get(path), 401, "unauthenticated")
    problem(other.get(path), 403, "forbidden")
    problem(organiser.get("/api/events/no-such-event/bookings"), 404, "not-found")


def test_a_seat_map_beyond_the_bound_is_refused_and_everything_else_stays_small(organiser: Organiser) -> None:
    body = {**ABOUT, "sections": [SECTION], "description": "x" * 5 * 1024 * 1024}
    problem(organiser.post("/api/events", body), 413, "payload-too-large")
    problem(organiser.patch("/api/events/some", {"description": "x" * 70_000}), 413, "payload-too-large")
