"""Who would wait is told the outcome, if it is known in time; and who names a position reads its own writes."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.asking import book, key
from tests.frontrow import Frontrow
from tests.stalls import within


def test_a_fast_outcome_is_the_answer(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    answer = book(frontrow, event_id, "A1", prefer="wait=5")
    body = answer.json()
    assert (answer.status_code, body["status"], body["seat_ids"]) == (200, "confirmed", ["A1"])
    assert answer.headers["preference-applied"] == "wait=5"
    assert answer.headers["location"] == f"/api/bookings/{body['booking_id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["frontrow-position"] == body["position"]
    assert frontrow.outcome(body["booking_id"]) == body, "told as it is shown"


def test_a_refusal_is_an_answer_too(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    book(frontrow, event_id, "A1", prefer="wait=5")
    answer = book(frontrow, event_id, "A2", "A1", prefer="wait=5")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["reason"], body["conflicts"]) == ("rejected", "seat_taken", ["A1"])
    assert frontrow.outcome(body["booking_id"]) == body


def test_an_offer_is_told_as_it_is_shown(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=10)
    book(frontrow, event_id, "A1", prefer="wait=5")
    answer = frontrow.client.post(
        "/api/book",
        json={"userId": "user-456", "eventId": event_id, "seatId": "A1", "offer": True},
        headers={"Prefer": "wait=5"},
        timeout=20,
    )
    assert answer.status_code == 200
    body = answer.json()
    frontrow.accepted.add(body["booking_id"])
    assert body["offer"]["seat_ids"] == ["A2"]
    assert frontrow.outcome(body["booking_id"]) == body


def test_who_asks_again_under_the_same_key_is_told_again(frontrow: Frontrow) -> None:
    event_id, under = frontrow.new_event(), key()
    first = book(frontrow, event_id, "A1", under=under)
    frontrow.outcome(first.json()["booking_id"])
    told = [book(frontrow, event_id, "A1", under=under, prefer="wait=5") for _ in range(2)]
    assert [answer.status_code for answer in told] == [200, 200]
    assert told[0].json() == told[1].json()
    assert told[0].json()["booking_id"] == first.json()["booking_id"]


def test_many_who_wait_are_each_told_their_own(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=2)
    seat_ids = [f"{row}{n}" for row in "AB" for n in range(1, 21)]
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda seat_id: book(frontrow, event_id, seat_id, prefer="wait=10"), seat_ids))
    assert {answer.status_code for answer in told} == {200}
    assert [answer.json()["seat_ids"] for answer in told] == [[seat_id] for seat_id in seat_ids]


@pytest.mark.usefixtures("frozen_worker")
def test_who_waited_in_vain_gets_the_202(frontrow: Frontrow) -> None:
    began = time.monotonic()
    with within(5):
        answer = book(frontrow, "concert123", "A30", prefer="wait=1")
    assert time.monotonic() - began >= 1
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert "preference-applied" not in answer.headers


@pytest.mark.usefixtures("without_redis")
def test_without_redis_who_would_wait_gets_the_202_at_once_and_the_view_can_be_waited_for(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    with within(8):
        answer = book(frontrow, event_id, "A1", prefer="wait=10")
    assert answer.status_code == 202
    shown = frontrow.client.get(f"{answer.json()['status_url']}?wait=10", timeout=20)
    assert (shown.status_code, shown.json()["status"]) == (200, "confirmed")


def test_who_names_a_position_reads_its_own_writes(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    assert frontrow.seats(event_id)["A1"] == "available"
    for n in range(1, 11):
        answer = book(frontrow, event_id, f"A{n}", prefer="wait=5")
        assert answer.status_code == 200, answer.text
        position = {"Frontrow-Min-Position": answer.headers["frontrow-position"]}
        event = frontrow.client.get(f"/api/events/{event_id}", headers=position).json()
        assert event["seats"][n - 1] == {"seat_id": f"A{n}", "status": "booked", "user_id": None}
        shown = frontrow.client.get(f"/api/bookings/{answer.json()['booking_id']}", headers=position)
        assert shown.json() == answer.json()
        assert shown.headers["frontrow-position"] == answer.headers["frontrow-position"]


def test_a_position_that_is_not_there_yet_is_not_waited_for_for_ever(frontrow: Frontrow) -> None:
    began = time.monotonic()
    with within(8):
        answer = frontrow.client.get("/api/events/concert123", headers={"Frontrow-Min-Position": "9999999999-1"})
    assert answer.status_code == 200
    assert answer.headers["frontrow-as-of"]
    assert time.monotonic() - began >= 2
