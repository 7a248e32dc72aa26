"""The best seats: one asks for a number of them, a thousand at once sell the hall, and a standing area has a count."""

import asyncio
import random
import uuid
from dataclasses import dataclass

import httpx

from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem
from tests.rush import rush

ROWS, SEATS_A_ROW = 25, 40
WISHES = 1_000
SEED = 4


def best(frontrow: Frontrow, event_id: str, count: int, **wish: object) -> Document:
    body = {"userId": "user-123", "eventId": event_id, "best": {"count": count, **wish}}
    answer = frontrow.client.post("/api/book", json=body)
    frontrow.remember(answer.status_code, answer.json())
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return frontrow.outcome(answer.json()["booking_id"])


def test_the_best_seats_are_together_and_in_the_middle_of_the_front(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=3, seats_a_row=20)
    first = best(frontrow, event_id, 4)
    assert (first["status"], first["seat_ids"]) == ("confirmed", ["A9", "A10", "A11", "A12"])
    assert best(frontrow, event_id, 2)["seat_ids"] == ["B10", "B11"], "a row behind is nearer than to the side"
    nowhere = best(frontrow, event_id, 2, section="circle")
    assert (nowhere["status"], nowhere["reason"], nowhere["seat_ids"]) == ("rejected", "not_enough_seats", [])


def test_a_price_limit_and_a_section_are_kept(frontrow: Frontrow) -> None:
    dear = best(frontrow, "theatre-hamlet", 2, section="balcony", max_price=2_000)
    assert (dear["status"], dear["reason"]) == ("rejected", "not_enough_seats")
    cheap = best(frontrow, "theatre-hamlet", 2, max_price=2_900)
    assert cheap["status"] == "held"
    assert all(seat_id.startswith("B-") for seat_id in cheap["seat_ids"])


def test_a_wish_that_makes_no_sense_is_refused_at_the_door(frontrow: Frontrow) -> None:
    wrong: list[Document] = [
        {"best": {"count": 0}},
        {"best": {"count": 11}},
        {"best": {"count": 2, "colour": "red"}},
        {"best": {"count": 2}, "seatId": "A1"},
        {"best": {}},
    ]
    for seats in wrong:
        body = {"userId": "u", "eventId": "concert123", **seats}
        assert problem(frontrow.client.post("/api/book", json=body), 422, "invalid-request")["errors"]


def test_accessible_seats_are_for_whoever_asks_for_them_and_then_for_all(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=2, seats_a_row=4, accessible=["A1", "A2", "A3", "A4"])
    assert best(frontrow, event_id, 2)["seat_ids"] == ["B1", "B2"], "the front row is kept"
    assert best(frontrow, event_id, 2, accessible=True)["seat_ids"] == ["A1", "A2"]
    none_left = best(frontrow, event_id, 3, accessible=True)
    assert (none_left["status"], none_left["reason"]) == ("rejected", "not_enough_seats")
    assert best(frontrow, event_id, 1)["seat_ids"] == ["B3"]
    assert best(frontrow, event_id, 3)["seat_ids"] == ["A3", "A4", "B4"], "before anybody is refused"


def test_no_seat_is_left_alone_where_that_can_be_helped(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=2, seats_a_row=5)
    assert frontrow.outcome(frontrow.accept(event_id, "A1"))["status"] == "confirmed"
    assert best(frontrow, event_id, 3)["seat_ids"] == ["B1", "B2", "B3"], "not A2, with A5 left, nor B2 with two"


@dataclass(frozen=True)
class Decided:
    """An outcome at its place in the log, with how many seats were wished for."""

    count: int
    status: str
    reason: str | None
    seat_ids: list[str]


def test_a_thousand_wishes_at_once_sell_a_hall_of_a_thousand_seats(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=ROWS, seats_a_row=SEATS_A_ROW)
    dice = random.Random(SEED)
    wishes = [dice.randint(2, 6) for _ in range(WISHES)]

    bodies = [{"userId": f"u-{uuid.uuid4().hex[:8]}", "eventId": event_id, "best": {"count": n}} for n in wishes]
    answers = asyncio.run(rush(frontrow.instance.ports.gateway, bodies))
    assert {status for status, _ in answers} == {httpx.codes.ACCEPTED}
    ids = [str(body["booking_id"]) for _, body in answers]
    frontrow.accepted.update(ids)
    for booking_id in ids:
        frontrow.outcome(booking_id)
    wished = dict(zip(ids, wishes, strict=True))
    decided = in_the_log_s_order(frontrow, event_id, wished)
    assert len(decided) == WISHES
    free = {f"{row_label(row)}{n}" for row in range(ROWS) for n in range(1, SEATS_A_ROW + 1)}
    for one in decided:
        if one.status == "confirmed":
            assert len(one.seat_ids) == len(set(one.seat_ids)) == one.count
            assert free.issuperset(one.seat_ids), "nobody else's"
            free.difference_update(one.seat_ids)
        else:
            assert (one.status, one.reason) == ("rejected", "not_enough_seats")
            assert most_in_adjacent_rows(free) < one.count, f"{one} was refused while these were free: {sorted(free)}"
    assert most_in_adjacent_rows(free) < min(wishes), f"not sold out: {sorted(free)}"


def in_the_log_s_order(frontrow: Frontrow, event_id: str, wished: dict[str, int]) -> list[Decided]:
    with frontrow.ledger() as ledger:
        rows = ledger.execute(
            "SELECT command_id, status, reason, seat_ids FROM outcomes"
            " WHERE event_id = %s AND kind = 'book_seats' ORDER BY log_offset",
            (event_id,),
        ).fetchall()
    return [Decided(wished[command_id], *about) for command_id, *about in rows]


def most_in_adjacent_rows(free: set[str]) -> int:
    """Return how many seats the fullest run of rows has in which each row has some, by counting: no rule of ours."""
    most = here = 0
    for row in range(ROWS):
        in_row = sum(f"{row_label(row)}{n}" in free for n in range(1, SEATS_A_ROW + 1))
        here = here + in_row if in_row else 0
        most = max(most, here)
    return most


def row_label(row: int) -> str:
    return chr(ord("A") + row)


def test_a_standing_area_that_is_full_says_so(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=2, standing=3)
    assert best(frontrow, event_id, 2, section="floor")["seat_ids"] == ["floor~1", "floor~2"]
    refused = best(frontrow, event_id, 2, section="floor")
    assert (refused["status"], refused["reason"]) == ("rejected", "not_enough_seats")
    assert best(frontrow, event_id, 1, section="floor")["seat_ids"] == ["floor~3"]


def test_a_standing_area_has_places_and_no_seats(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(seats_a_row=4, standing=30)
    seats = frontrow.seats(event_id)
    assert set(seats) == {"A1", "A2", "A3", "A4"}
    section = frontrow.client.get(f"/api/events/{event_id}/sections/floor").json()
    assert (section["seats_total"], section["seats_available"], section["seats"]) == (30, 30, [])
    assert best(frontrow, event_id, 2)["seat_ids"] == ["A1", "A2"], "who asks for the best does not want to stand"
    standing = best(frontrow, event_id, 3, section="floor")
    assert (standing["status"], standing["seat_ids"]) == ("confirmed", ["floor~1", "floor~2", "floor~3"])

    def counted() -> None:
        shown = frontrow.client.get(f"/api/events/{event_id}/sections/floor").json()
        assert shown["seats_available"] == 27

    eventually(counted)
