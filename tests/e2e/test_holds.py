"""Holding seats, letting them go, giving them back: what a customer who hesitates sees at the gateway."""

import time
from datetime import UTC, datetime

from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem
from tests.stalls import stretched

SHOWN_WITHIN_S = 4.0
"""How long after its end a hold may still show as held: a tick, its decision and its projection."""


def held(frontrow: Frontrow, event_id: str, *seat_ids: str) -> Document:
    shown = frontrow.outcome(frontrow.accept(event_id, *seat_ids))
    assert (shown["status"], shown["reason"]) == ("held", None)
    return shown


def cancel(frontrow: Frontrow, booking_id: str, query: str = "") -> Document:
    return frontrow.command(frontrow.client.delete(f"/api/bookings/{booking_id}{query}"))


def extend(frontrow: Frontrow, booking_id: str) -> Document:
    return frontrow.command(frontrow.client.post(f"/api/bookings/{booking_id}/extension"))


def assert_seats(frontrow: Frontrow, event_id: str, **expected: str) -> None:
    def shown() -> None:
        seats = frontrow.seats(event_id)
        assert {seat_id: seats[seat_id] for seat_id in expected} == expected

    eventually(shown)


def seconds_left(booking: Document) -> float:
    return (datetime.fromisoformat(booking["expires_at"]) - datetime.now(UTC)).total_seconds()


def test_a_hold_that_nobody_pays_ends_in_time_and_its_seats_are_free_again(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=4)
    booking = held(frontrow, event_id, "A1", "A2")
    assert 0 < seconds_left(booking) <= 4
    refused = frontrow.outcome(frontrow.accept(event_id, "A2", "A3"))
    assert (refused["status"], refused["conflicts"]) == ("rejected", ["A2"])

    def ended() -> Document:
        shown = frontrow.booking(booking["booking_id"])
        assert shown["status"] != "held"
        return shown

    shown = eventually(ended)
    late_s = -seconds_left(booking)
    assert (shown["status"], shown["reason"], shown["expires_at"]) == ("expired", "hold_expired", None)
    assert (shown["seat_ids"], shown["version"]) == (["A1", "A2"], 2)
    assert 0 <= late_s <= stretched(SHOWN_WITHIN_S)
    assert_seats(frontrow, event_id, A1="available", A2="available", A3="available")
    assert held(frontrow, event_id, "A2")["status"] == "held"


def test_a_hold_on_a_quiet_platform_ends_in_time_as_well(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=8)
    booking = held(frontrow, event_id, "A1")

    def ended() -> None:
        assert frontrow.booking(booking["booking_id"])["status"] == "expired"

    quiet_until = time.monotonic() + 8
    eventually(ended, within_s=quiet_until - time.monotonic() + stretched(SHOWN_WITHIN_S))


def test_a_hold_is_extended_once(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=60)
    booking = held(frontrow, event_id, "A1")
    assert extend(frontrow, booking["booking_id"])["status"] == "done"
    longer = frontrow.booking(booking["booking_id"])
    assert (longer["status"], longer["version"]) == ("held", 2)
    assert longer["expires_at"] > booking["expires_at"]
    again = frontrow.client.post(f"/api/bookings/{booking['booking_id']}/extension")
    frontrow.assert_refused(again, "already_extended")


def test_a_hold_is_given_back_and_its_seats_are_free_at_once(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=60)
    booking = held(frontrow, event_id, "A1", "A2")
    assert_seats(frontrow, event_id, A1="held", A2="held", A3="available")
    done = cancel(frontrow, booking["booking_id"])
    assert done == {
        "command_id": done["command_id"],
        "kind": "cancel_booking",
        "target": booking["booking_id"],
        "status": "done",
        "reason": None,
    }
    shown = frontrow.booking(booking["booking_id"])
    assert (shown["status"], shown["reason"], shown["expires_at"]) == ("cancelled", "by_customer", None)
    assert_seats(frontrow, event_id, A1="available", A2="available")


def test_a_confirmed_booking_gives_some_seats_back_and_then_the_rest_and_then_nothing(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    booking_id = frontrow.accept(event_id, "A1", "A2", "A3")
    assert frontrow.outcome(booking_id)["status"] == "confirmed"
    assert cancel(frontrow, booking_id, "?seat_id=A1&seat_id=A3")["status"] == "done"
    fewer = frontrow.booking(booking_id)
    assert (fewer["status"], fewer["seat_ids"], fewer["version"]) == ("confirmed", ["A2"], 2)
    assert_seats(frontrow, event_id, A1="available", A2="booked", A3="available")
    assert frontrow.outcome(frontrow.accept(event_id, "A1"))["status"] == "confirmed"
    assert cancel(frontrow, booking_id)["status"] == "done"
    assert cancel(frontrow, booking_id)["status"] == "done", "twice is harmless"
    shown = frontrow.booking(booking_id)
    assert (shown["status"], shown["seat_ids"], shown["version"]) == ("cancelled", ["A2"], 3)
    assert_seats(frontrow, event_id, A1="booked", A2="available", A3="available")


def test_what_was_refused_cannot_be_cancelled(frontrow: Frontrow) -> None:
    booking_id = frontrow.accept("no-such-event", "A1")
    assert frontrow.outcome(booking_id)["status"] == "rejected"
    frontrow.assert_refused(frontrow.client.delete(f"/api/bookings/{booking_id}"), "wrong_state")


def test_a_command_is_decided_after_the_booking_that_it_is_about(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    booking_id = frontrow.accept(event_id, "A1")
    assert cancel(frontrow, booking_id)["status"] == "done"
    assert frontrow.booking(booking_id)["status"] == "cancelled"


def test_ids_that_were_never_issued_and_seats_that_are_none_are_refused_at_the_door(frontrow: Frontrow) -> None:
    booking_id = frontrow.accept("no-such-event", "A1")
    forged = booking_id[:-1] + ("A" if booking_id[-1] != "A" else "B")
    problem(frontrow.client.delete(f"/api/bookings/{forged}"), 404, "not-found")
    problem(frontrow.client.post(f"/api/bookings/{forged}/extension"), 404, "not-found")
    problem(frontrow.client.get(f"/api/commands/{booking_id}"), 404, "not-found")
    twice = problem(frontrow.client.delete(f"/api/bookings/{booking_id}?seat_id=A1&seat_id=A1"), 422, "invalid-request")
    assert twice["errors"] == [{"field": "seat_id", "message": "names a seat twice"}]
    problem(frontrow.client.delete(f"/api/bookings/{booking_id}?seat_id=A%201"), 422, "invalid-request")


def test_the_theatre_holds_its_seats_for_two_minutes(frontrow: Frontrow) -> None:
    booking = held(frontrow, "theatre-hamlet", "S-A1")
    assert 100 < seconds_left(booking) <= 120
    cancel(frontrow, booking["booking_id"])
