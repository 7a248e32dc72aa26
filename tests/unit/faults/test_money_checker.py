"""Money without seat, and seat without money, each in a history of its own."""

from dataclasses import replace

from tests.faults.run.evidence import Evidence, Intent, Outcome
from tests.faults.run.money_checker import check

PRICE = 700
PRICES = {"hall": PRICE}


def became(offset: int, status: str, *seats: str) -> Outcome:
    state = {"status": status, "version": offset, "seat_ids": list(seats)}
    return Outcome(0, offset, f"cm_{offset}", "settle_payment", "hall", "done", None, (), (), "bk_one", state)


HELD = Outcome(0, 1, "bk_one", "book_seats", "hall", "held", None, ("A1", "A2"), (), None, None)
CONFIRMED = Evidence((), (HELD, became(2, "confirmed", "A1", "A2")), {})
TAKEN = Intent("bk_one", 1, "succeeded", 2 * PRICE, 0)


def found(evidence: Evidence, *intents: Intent) -> set[str]:
    return {sentence.partition(":")[0] for sentence in check(PRICES, replace(evidence, intents=intents))}


def test_what_was_paid_for_is_confirmed_and_what_is_confirmed_was_paid_for() -> None:
    assert found(CONFIRMED, TAKEN) == set()
    assert found(CONFIRMED) == {"seat without money"}
    assert found(CONFIRMED, TAKEN._replace(captured_minor=PRICE)) == {"seat without money"}


def test_money_that_was_taken_twice_or_for_nothing_has_no_seat() -> None:
    assert found(CONFIRMED, TAKEN, TAKEN._replace(attempt=2)) == {"money without seat"}
    expired = replace(CONFIRMED, outcomes=(HELD, became(2, "expired", "A1", "A2")))
    assert found(expired, TAKEN) == {"money without seat"}
    assert found(expired) == set()
    assert found(expired, TAKEN._replace(booking_id="bk_nobody")) == {"money without seat"}


def test_what_was_given_back_is_paid_back() -> None:
    cancelled = replace(CONFIRMED, outcomes=(*CONFIRMED.outcomes, became(3, "cancelled", "A1", "A2")))
    assert found(cancelled, TAKEN) == {"money without seat"}
    assert found(cancelled, TAKEN._replace(refunded_minor=2 * PRICE)) == set()
    half = replace(CONFIRMED, outcomes=(*CONFIRMED.outcomes, became(3, "confirmed", "A1")))
    assert found(half, TAKEN._replace(refunded_minor=PRICE)) == set()


def test_nothing_is_reserved_or_paying_for_ever() -> None:
    assert found(CONFIRMED, TAKEN, Intent("bk_one", 2, "requires_capture", 0, 0)) == {"money without seat"}
    paying = replace(CONFIRMED, outcomes=(HELD, became(2, "paying", "A1", "A2")))
    assert found(paying, TAKEN) == {"stuck"}


def test_a_seat_that_costs_nothing_is_nobody_s_money() -> None:
    assert list(check({}, CONFIRMED)) == []
