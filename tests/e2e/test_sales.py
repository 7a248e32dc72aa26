"""How an event sells, as its organiser sees it: seats and money now, sold by minute, refused by reason."""

from typing import Any

import pytest

from tests.eventually import eventually
from tests.frontrow import Document, Frontrow
from tests.organisers import Organiser

CATEGORIES = {"category": "standard", "categories": [{"category": "child", "price_minor": 900, "seats": ["A1", "A2"]}]}


@pytest.fixture(scope="module")
def organiser(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


def event(organiser: Organiser, **about: object) -> str:
    """Announce an event of ten seats, two of which are for children."""
    section = {"section": "stalls", "price_minor": 5000, "currency": "EUR", "rows": [{"row": "A", "count": 10}]}
    return organiser.new_event(sections=[{**section, **CATEGORIES}], **about)


def sales(organiser: Organiser, event_id: str) -> Document:
    answer = organiser.get(f"/api/events/{event_id}/sales")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def told(organiser: Organiser, event_id: str, **should: Any) -> Document:  # noqa: ANN401 - a figure
    """Return the sales once they are told so."""

    def so() -> Document:
        found = sales(organiser, event_id)
        assert {name: found[name] for name in should} == should, found
        return found

    return eventually(so)


def test_seats_money_and_refusals_are_told_as_they_happen(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = event(organiser)
    everything = {"available": 10, "held": 0, "booked": 0, "blocked": 0}
    fresh = told(organiser, event_id, seats=everything, refused={}, sold=[], seats_total=10)
    assert fresh["counted_since"] is None
    for seats, reason in ((("A1", "A5"), None), (("A1",), "seat_taken"), (("Z1",), "unknown_seat")):
        assert frontrow.outcome(frontrow.accept(event_id, *seats))["reason"] == reason
    organiser.done(organiser.post(f"/api/events/{event_id}/block", {"seat_ids": ["A9", "A10"]}))
    organiser.done(organiser.post(f"/api/events/{event_id}/block", {"seat_ids": ["A8"], "purpose": "kill"}))
    found = told(
        organiser,
        event_id,
        seats={"available": 5, "held": 0, "booked": 2, "blocked": 3},
        revenue=[{"currency": "EUR", "revenue_minor": 5900}],
        refused={"seat_taken": 1, "unknown_seat": 1},
    )
    assert sum(minute["seats"] for minute in found["sold"]) == 2
    assert [(one["category"], one["booked"], one["revenue_minor"]) for one in found["categories"]] == [
        ("standard", 1, 5000),
        ("child", 1, 900),
    ]


def test_what_is_held_is_sold_when_it_is_paid_and_what_is_given_back_is_no_more_revenue(
    frontrow: Frontrow, organiser: Organiser
) -> None:
    event_id = event(organiser, hold_seconds=600)
    booking_id = frontrow.accept(event_id, "A3", "A4")
    held = told(organiser, event_id, seats={"available": 8, "held": 2, "booked": 0, "blocked": 0})
    assert held["sold"] == []
    frontrow.pay(booking_id)
    paid = told(organiser, event_id, seats={"available": 8, "held": 0, "booked": 2, "blocked": 0})
    assert sum(minute["seats"] for minute in paid["sold"]) == 2
    back = frontrow.client.delete(f"/api/bookings/{booking_id}?seat_id=A4")
    assert frontrow.command(back)["status"] == "done"
    left = told(organiser, event_id, seats={"available": 9, "held": 0, "booked": 1, "blocked": 0})
    assert left["revenue"] == [{"currency": "EUR", "revenue_minor": 5000}]
    assert left["sold"] == paid["sold"], "when it was sold stays"


def test_a_rebuilt_view_has_the_same_sales(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = event(organiser)
    for seat in ("A1", "A2", "A1"):
        frontrow.outcome(frontrow.accept(event_id, seat))
    before = told(organiser, event_id, refused={"seat_taken": 1})
    done = frontrow.run("sync_service", "rebuild", within_s=120)
    assert done.returncode == 0, done.stderr
    assert told(organiser, event_id, refused={"seat_taken": 1}) == before


def test_a_booking_is_found_by_its_id_its_seat_and_its_name(frontrow: Frontrow, organiser: Organiser) -> None:
    event_id = event(organiser)
    owner = organiser.somebody  # an account like any other
    asked = {"event_id": event_id, "seat_id": "A3"}
    headers = {**owner.headers, "Prefer": "wait=10"}
    booking_id = frontrow.client.post("/api/book", json=asked, headers=headers).json()["booking_id"]
    frontrow.accepted.add(booking_id)
    other_id = frontrow.accept(event_id, "A4")
    for one in (booking_id, other_id):
        frontrow.outcome(one)

    def found(q: str) -> list[str]:
        answer = organiser.get(f"/api/events/{event_id}/bookings?q={q}")
        assert answer.status_code == 200, answer.text
        return [booking["booking_id"] for booking in answer.json()]

    assert found(booking_id) == found(booking_id[:20]) == [booking_id]
    assert found("A4") == [other_id]
    eventually(lambda: _same(found(owner.user_id), [booking_id]))
    assert found(owner.user_id[:-2]) == [booking_id]
    assert found("nobody-of-this-name") == []
    exported = organiser.get(f"/api/events/{event_id}/bookings.csv?q=A4").text
    assert other_id in exported
    assert booking_id not in exported


def _same(found: list[str], should: list[str]) -> None:
    assert found == should
