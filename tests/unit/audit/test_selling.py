"""What is told of sales is what the outcomes and seats make it, figure by figure."""

from collections.abc import Callable

import pytest

from audit.findings import Findings, Invariant
from audit.invariants import check
from audit.replay import RulesReplay
from contracts.views import SalesView
from tests.unit.audit.histories import EVENT, PARTITIONS, Parts, book, healthy, sales_of


def _checked(parts: Parts) -> Findings:
    return check(parts.history(), RulesReplay(PARTITIONS))


def _parts() -> Parts:
    """Return a hall of which two seats are sold and one request is refused."""
    return healthy(book(10, "A1", "A2"), book(11, "A2"))


def test_sales_as_they_are_break_nothing() -> None:
    parts = _parts()
    told = sales_of(parts)
    assert (told["refused"], sum(told["sold"].values()), told["categories"][0]["booked"]) == ({"seat_taken": 1}, 2, 2)
    findings = _checked(parts)
    assert findings.ok, findings.violations
    assert findings.checked[Invariant.SALES] == 1


def _sold(told: SalesView) -> None:
    told["sold"] = {minute: seats + 1 for minute, seats in told["sold"].items()}


def _earlier(told: SalesView) -> None:
    told["sold_earlier"] = 1


def _refused(told: SalesView) -> None:
    told["refused"] = {}


def _seats(told: SalesView) -> None:
    told["categories"][0]["booked"] -= 1


def _category(told: SalesView) -> None:
    told["categories"][0]["category"] = "child"


@pytest.mark.parametrize("wrong", [_sold, _earlier, _refused, _seats, _category])
def test_a_wrong_figure_is_named(wrong: Callable[[SalesView], None]) -> None:
    parts = _parts()
    told = sales_of(parts)
    wrong(told)
    parts.sales = {EVENT: told}
    findings = _checked(parts)
    assert set(findings.broken) == {Invariant.SALES}
    assert EVENT in findings.violations[0].sentence
    parts.moved = True
    assert _checked(parts).ok, "it may have gone on since"


def test_an_event_of_which_nothing_is_told_is_named_and_so_is_one_that_there_is_not() -> None:
    parts = _parts()
    parts.sales = {}
    assert set(_checked(parts).broken) == {Invariant.SALES}
    parts.sales = {EVENT: sales_of(parts), "another": sales_of(parts)}
    assert set(_checked(parts).broken) == {Invariant.SALES}


def test_where_earlier_requests_were_not_counted_only_the_seats_are_held_against_it() -> None:
    parts = _parts()
    told = sales_of(parts)
    told["sold"], told["refused"], told["since"] = {}, {}, "2027-01-02T03:04:05.678Z"
    parts.sales = {EVENT: told}
    assert _checked(parts).ok
    _seats(told)
    assert set(_checked(parts).broken) == {Invariant.SALES}
