"""What is found is believed when it is found again and again, and told no more once it is not."""

import pytest

from audit.auditor.violations import CONFIRMATIONS, LOOK_AGAIN_S, MOST_BROKEN_SECTIONS, Violation, Violations, public

BOOKING = f"bk_{'A' * 36}"
SEAT = Violation("the seat is not what its changes make it", "concert", BOOKING, "A1", "booked", "held")
OTHER = Violation("the seat is not what its changes make it", "concert", BOOKING, "A2", "booked", "held")


def looked(violations: Violations, *found: Violation, times: int = 1, section: str = "seats") -> list[Violation]:
    return [one for number in range(times) for one in violations.looked(section, found, float(number))]


def test_one_look_is_no_violation_and_some_in_a_row_are_one_told_once() -> None:
    violations = Violations()
    assert looked(violations, SEAT, times=CONFIRMATIONS - 1) == []
    assert violations.confirmed == []
    assert looked(violations, SEAT) == [SEAT]
    assert looked(violations, SEAT) == []
    assert violations.confirmed == [SEAT]


def test_what_is_not_found_in_between_begins_anew() -> None:
    violations = Violations()
    looked(violations, SEAT, times=CONFIRMATIONS - 1)
    looked(violations)
    assert looked(violations, SEAT, times=CONFIRMATIONS - 1) == []


def test_each_thing_that_is_broken_counts_for_itself_and_by_what_it_is() -> None:
    violations = Violations()
    looked(violations, SEAT, times=CONFIRMATIONS - 1)
    moved = Violation(SEAT.what, SEAT.event_id, SEAT.booking_id, SEAT.seat_id, "booked", "available")
    assert looked(violations, moved, OTHER) == [moved]
    assert violations.confirmed == [moved]


def test_what_was_mended_is_told_no_more() -> None:
    violations = Violations()
    looked(violations, SEAT, OTHER, times=CONFIRMATIONS)
    looked(violations, OTHER)
    assert violations.confirmed == [OTHER]
    looked(violations)
    assert violations.confirmed == []
    assert not violations.sections


def test_a_section_in_which_something_was_found_is_due_a_second_later() -> None:
    violations = Violations()
    looked(violations, SEAT)
    assert violations.due(LOOK_AGAIN_S - 0.1) is None
    assert violations.due(LOOK_AGAIN_S) == "seats"
    violations.put_off("seats", LOOK_AGAIN_S)
    assert violations.due(LOOK_AGAIN_S) is None


def test_what_is_kept_is_bounded() -> None:
    violations = Violations()
    for number in range(MOST_BROKEN_SECTIONS + 5):
        looked(violations, SEAT, section=f"section {number}")
    assert len(violations.sections) == MOST_BROKEN_SECTIONS


@pytest.mark.parametrize("prefix", ["bk", "of", "cm"])
def test_the_public_is_shown_no_whole_id(prefix: str) -> None:
    some_id = f"{prefix}_AQGhLKhUgAGKq-LTBDbaQxSIopC2RW8lS1gA"
    assert public(f"booked by {some_id}, version 1") == f"booked by {some_id[:23]}…, version 1"
    assert public("held by p_somebody") == "held by p_somebody"
