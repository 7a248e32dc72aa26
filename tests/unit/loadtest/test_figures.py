"""What the load run prints."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loadtest.figures import deeds, deeds_table, ended, percentile, rows, table
from loadtest.load import complaints
from loadtest.names import ACCEPT, BROKEN, ENDED, FOLLOW, LIFE, LIST, OUTCOME, SEAT_MAP


def _entry(name: str, times: dict[str, int], failures: int = 0) -> dict[str, Any]:
    return {"name": name, "response_times": times, "num_requests": sum(times.values()), "num_failures": failures}


ENTRIES = [
    _entry(ACCEPT, {"10": 90, "20": 10}),
    _entry(f"{OUTCOME}confirmed", {"100": 60}),
    _entry(f"{OUTCOME}rejected", {"200": 39}),
    _entry(f"{OUTCOME}none", {"30000": 1}, failures=1),
    _entry(LIST, {"1": 5}),
    _entry(SEAT_MAP, {"3": 5}, failures=2),
    _entry(FOLLOW, {"2": 7}),
]


BY_CUSTOMERS = [
    _entry(f"{LIFE}named seats{ENDED}confirmed", {"10": 60}),
    _entry(f"{LIFE}named seats{ENDED}seat_taken", {"1000": 39}),
    _entry(f"{LIFE}named seats{ENDED}{BROKEN}", {"5000": 1}, failures=1),
    _entry(f"{LIFE}extend a hold{ENDED}done", {"20": 1}),
]


def test_what_customers_did_is_told_with_how_it_ended() -> None:
    extended, named = deeds([*ENTRIES, *BY_CUSTOMERS])
    assert (extended.name, extended.count) == ("extend a hold", 1)
    assert (named.name, named.count, named.p50_ms, named.p99_ms) == ("named seats", 100, 10, 1000)
    assert list(named.ends.items()) == [("confirmed", 60), ("seat_taken", 39), (BROKEN, 1)]
    assert "60 confirmed, 39 seat_taken, 1 BROKEN" in deeds_table([extended, named])
    assert complaints(BY_CUSTOMERS, LIFE) == [f"1 of 1 failed: {LIFE}named seats{ENDED}{BROKEN}"]


def test_what_customers_did_is_in_no_row_of_the_calls() -> None:
    assert rows([*ENTRIES, *BY_CUSTOMERS], seconds=10) == rows(ENTRIES, seconds=10)


def test_every_entry_counts_in_one_row() -> None:
    accepts, outcomes, reads, follows = rows(ENTRIES, seconds=10)
    assert (accepts.answers, accepts.per_s, accepts.p50_ms, accepts.p95_ms) == (100, 10.0, 10, 20)
    assert (outcomes.answers, outcomes.failures, outcomes.p50_ms, outcomes.p99_ms) == (100, 1, 100, 200)
    assert (reads.answers, reads.failures, reads.per_s) == (10, 2, 0.8)
    assert follows.answers == 7


def test_it_says_how_bookings_ended() -> None:
    assert ended(ENTRIES) == {"confirmed": 60, "none": 1, "rejected": 39}


def test_a_lost_booking_is_complained_about_by_name() -> None:
    assert complaints(ENTRIES, OUTCOME) == [f"1 of 1 failed: {OUTCOME}none"]
    assert len(complaints(ENTRIES)) == 2


def test_a_run_without_answers_has_a_table_all_the_same() -> None:
    assert "accepts" in table(rows([], seconds=60))


@given(st.lists(st.integers(0, 50), min_size=1), st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_is_one_of_the_values_and_enough_are_not_above_it(values: list[int], percent: int) -> None:
    counted = {float(value): values.count(value) for value in values}
    found = percentile(counted, percent)
    assert found in counted
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)
