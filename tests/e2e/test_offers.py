"""Counter-offers: whoever comes too late is held other seats for a moment, and takes them with one request."""

import httpx

from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem


def ask(frontrow: Frontrow, event_id: str, *, user: str = "user-456", **seats: object) -> Document:
    answer = frontrow.client.post("/api/book", json={"userId": user, "eventId": event_id, **seats})
    frontrow.remember(answer.status_code, answer.json())
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return frontrow.outcome(answer.json()["booking_id"])


def refused_with_an_offer(frontrow: Frontrow, event_id: str) -> Document:
    assert frontrow.outcome(frontrow.accept(event_id, "A1", "A2"))["status"] == "confirmed"
    refused = ask(frontrow, event_id, seatIds=["A1", "A2"], offer=True)
    assert (refused["status"], refused["reason"], refused["conflicts"]) == ("rejected", "seat_taken", ["A1", "A2"])
    offer: Document = refused["offer"]
    assert offer["offer_id"] == f"of_{refused['booking_id'][3:]}"
    return offer


def test_an_offer_is_held_and_taken_by_the_one_whom_it_was_made_to(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=10)
    offer = refused_with_an_offer(frontrow, event_id)
    assert offer["seat_ids"] == ["A3", "A4"]
    other = ask(frontrow, event_id, user="user-789", seatIds=["A3"])
    assert (other["status"], other["conflicts"]) == ("rejected", ["A3"]), "it is held"
    stranger = ask(frontrow, event_id, user="user-789", offerId=offer["offer_id"])
    assert (stranger["status"], stranger["reason"]) == ("rejected", "hold_expired")
    taken = ask(frontrow, event_id, offerId=offer["offer_id"])
    assert (taken["status"], taken["seat_ids"]) == ("confirmed", ["A3", "A4"])
    again = ask(frontrow, event_id, offerId=offer["offer_id"])
    assert (again["status"], again["reason"]) == ("rejected", "hold_expired")


def test_an_offer_that_nobody_takes_is_given_back_after_fifteen_seconds(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=4)
    offer = refused_with_an_offer(frontrow, event_id)
    assert offer["seat_ids"] == ["A3", "A4"]

    def free() -> None:
        assert frontrow.seats(event_id)["A3"] == "available"

    eventually(lambda: _held(frontrow, event_id))
    eventually(free)
    late = ask(frontrow, event_id, offerId=offer["offer_id"])
    assert (late["status"], late["reason"]) == ("rejected", "hold_expired")


def _held(frontrow: Frontrow, event_id: str) -> None:
    assert frontrow.seats(event_id)["A3"] == "held"


def test_without_as_good_seats_there_is_no_offer(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=3)
    assert frontrow.outcome(frontrow.accept(event_id, "A2"))["status"] == "confirmed"
    refused = ask(frontrow, event_id, seatIds=["A1", "A2"], offer=True)
    assert (refused["reason"], "offer" in refused) == ("seat_taken", False)


def test_an_offer_is_asked_for_with_seats_that_are_named(frontrow: Frontrow) -> None:
    for body in ({"best": {"count": 2}, "offer": True}, {"offerId": "of_x"}, {"offerId": "bk_" + "A" * 36}):
        answer = frontrow.client.post("/api/book", json={"userId": "u", "eventId": "concert123", **body})
        problem(answer, 422, "invalid-request")
