"""Names that are shown are held against the accounts that are there."""

import pytest

from audit.findings import Invariant
from audit.history import Account
from audit.invariants import check
from audit.replay import RulesReplay
from tests.unit.audit.histories import PARTITIONS, Parts, healthy

ANNA, GONE = Account("ac_1", "anna", 1), Account("ac_2", None, 3)


def named(*people: Account) -> Parts:
    parts = healthy()
    parts.accounts = [ANNA, GONE]
    parts.people = {person.principal: person for person in people}
    return parts


def broken(parts: Parts) -> list[str]:
    findings = check(parts.history(), RulesReplay(PARTITIONS))
    assert {violation.invariant for violation in findings.violations} <= {Invariant.NAMES}
    assert findings.checked[Invariant.NAMES] == 2
    return [violation.sentence for violation in findings.violations]


def test_names_as_they_are_break_nothing() -> None:
    assert broken(named(ANNA, GONE)) == []


@pytest.mark.parametrize(
    ("people", "who"),
    [
        ([GONE], "ac_1"),
        ([ANNA], "ac_2"),
        ([ANNA, GONE._replace(user_id="bert", version=2)], "ac_2"),
        ([ANNA, GONE._replace(user_id="bert")], "ac_2"),
        ([ANNA._replace(user_id="bert"), GONE], "ac_1"),
        ([ANNA._replace(version=9), GONE], "ac_1"),
        ([ANNA, GONE, Account("ac_3", "carla", 4)], "ac_3"),
    ],
    ids=["not shown", "no trace", "kept after its end", "kept under its version", "another", "newer", "never was"],
)
def test_a_name_that_should_not_be_shown_so_is_told_without_being_repeated(people: list[Account], who: str) -> None:
    (sentence,) = broken(named(*people))
    assert who in sentence
    assert not {"anna", "bert", "carla"} & set(sentence.split())


def test_what_is_newer_than_the_snapshot_is_left_out() -> None:
    parts = named(ANNA._replace(user_id=None, version=5), GONE, Account("ac_3", "carla", 4))
    parts.people_moved = True
    assert broken(parts) == []
