"""One kind of result: what counts of its rounds, what its target is a bound of, and that it survives the file."""

import json

import pytest

from loadtest.bench.figure import Spread, as_json, compared, from_json, measured, number


def test_of_rounds_the_median_counts_and_their_spread_is_kept() -> None:
    one = measured("start", [3.0, 1.0, 2.5], "s", better="less", target=2.0)
    assert one.value == one.judged == 2.5
    assert one.spread == Spread(1.0, 2.5, 3.0)


def test_what_was_measured_once_has_no_rounds() -> None:
    assert measured("start", [3.0], "s").spread is None


def test_against_a_reference_the_median_of_the_rounds_ratios_is_judged() -> None:
    one = compared("bookings", [(100, 100), (300, 100), (400, 200)], "bookings/s", "direct", target=2.5)
    assert (one.value, one.reference) == (300, 100)
    assert one.judged == one.ratio == 2
    assert one.spread == Spread(1, 2, 3)
    assert one.met is False


@pytest.mark.parametrize(
    ("value", "better", "met"), [(2, "more", True), (1.9, "more", False), (2, "less", True), (2.1, "less", False)]
)
def test_a_target_is_a_bound_on_the_side_where_it_gets_worse(value: float, better: str, *, met: bool) -> None:
    assert measured("figure", [value], "s", better=better, target=2).met is met  # type: ignore[arg-type]


def test_a_figure_that_failed_while_it_was_measured_has_not_met_its_target() -> None:
    assert measured("figure", [3], "reads/s", target=2, flaw="1 reads failed").met is False


def test_a_figure_without_a_target_is_neither_met_nor_missed() -> None:
    assert measured("figure", [3], "reads/s").met is None


@pytest.mark.parametrize(
    "one",
    [
        measured("start", [3.0], "s", better="less", target=2.0, flaw="late"),
        compared("bookings", [(100, 100), (300, 100)], "bookings/s", "direct", target=2.5),
    ],
)
def test_a_figure_comes_back_from_its_json(one: object) -> None:
    assert from_json(json.loads(json.dumps(as_json(one)))) == one  # type: ignore[arg-type]


def test_an_answer_that_never_came_is_no_number_in_the_json() -> None:
    never = measured("click to 202, p99", [float("inf")], "ms", better="less", target=25)
    assert as_json(never)["value"] is None
    assert from_json(as_json(never)) == never
    assert never.met is False


def test_against_nothing_no_target_is_met() -> None:
    assert as_json(compared("shown", [(1, float("inf"))], "s", "naive"))["reference"] is None
    one = compared("reads", [(100, 0)], "reads/s", "a file", target=0.8)
    assert one.met is False
    assert as_json(one)["ratio"] is None


def test_the_json_says_what_others_read() -> None:
    found = as_json(compared("bookings", [(100, 100), (300, 100)], "bookings/s", "direct", target=1.5))
    assert found["met"] is True
    assert found["reference"] == 100
    assert found["values"] == {"min": 100, "median": 200, "max": 300}
    assert found["ratios"] == {"min": 1, "median": 2, "max": 3}


@pytest.mark.parametrize(
    ("value", "text"), [(12_345.6, "12,346"), (45.67, "45.7"), (0.826, "0.83"), (0.0412, "0.041"), (0, "0.00")]
)
def test_a_number_has_as_many_digits_as_are_worth_reading(value: float, text: str) -> None:
    assert number(value) == text
