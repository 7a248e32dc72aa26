"""What a receiver may be told, and what it must: at least once, and never what did not happen."""

from dataclasses import replace

from tests.faults.run.evidence import Evidence, Outcome, Told
from tests.faults.run.telling_checker import invented, untold


def became(offset: int, status: str, *seats: str) -> Outcome:
    state = {"status": status, "version": offset, "seat_ids": list(seats)}
    return Outcome(0, offset, None, "expire", "hall", "done", None, (), (), "bk_one", state)


def told(kind: str, *seats: str, delivery_id: str = "msg_1", body: str = "{}") -> Told:
    return Told(delivery_id, kind, "hall", "" if kind == "event.sold_out" else "bk_one", seats, body)


BOOKED = Outcome(0, 1, "bk_one", "book_seats", "hall", "confirmed", None, ("A1", "A2"), (), None, None)
CONFIRMED = Evidence((), (BOOKED,), {}, halls={"hall": 3})


def words(evidence: Evidence, *heard: Told) -> tuple[set[str], int]:
    """Return the first words of what was told wrongly, and how much was not told."""
    found = replace(evidence, told=heard)
    return {sentence.partition(":")[0] for sentence in invented(found)}, len(untold(found))


def test_a_confirmed_booking_is_told_at_least_once() -> None:
    assert words(CONFIRMED) == (set(), 1)
    assert words(CONFIRMED, told("booking.confirmed", "A1", "A2")) == (set(), 0)
    twice = told("booking.confirmed", "A2", "A1", delivery_id="msg_2")
    assert words(CONFIRMED, told("booking.confirmed", "A1", "A2"), twice) == (set(), 0)


def test_what_did_not_happen_is_never_told() -> None:
    heard = told("booking.confirmed", "A1", "A2")
    for wrong in (told("booking.confirmed", "A1"), told("booking.cancelled", "A1", "A2"), told("event.sold_out")):
        assert words(CONFIRMED, heard, wrong) == ({"invented"}, 0)


def test_a_delivery_says_the_same_each_time() -> None:
    heard = told("booking.confirmed", "A1", "A2")
    assert words(CONFIRMED, heard, heard._replace(body="{ }")) == ({"doubled"}, 0)


def test_seats_that_are_given_back_are_told_and_a_hold_that_ends_is_not() -> None:
    fewer = replace(CONFIRMED, outcomes=(BOOKED, became(2, "confirmed", "A1"), became(3, "cancelled", "A1")))
    heard = (
        told("booking.confirmed", "A1", "A2"),
        told("booking.cancelled", "A2", delivery_id="msg_2"),
        told("booking.cancelled", "A1", delivery_id="msg_3"),
    )
    assert words(fewer, *heard) == (set(), 0)
    held = replace(CONFIRMED, outcomes=(BOOKED._replace(status="held"), became(2, "expired", "A1", "A2")))
    assert words(held) == (set(), 0)


def test_the_last_seat_is_told_even_if_it_is_only_held() -> None:
    full = replace(CONFIRMED, halls={"hall": 2}, outcomes=(BOOKED._replace(status="held"),))
    assert words(full) == (set(), 1)
    assert words(full, told("event.sold_out")) == (set(), 0)
