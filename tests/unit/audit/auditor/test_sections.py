"""A range is cut where more ids may follow, or something would be missing that was only not asked for."""

import pytest

from audit.auditor.sections import LAST_ID, MOST_ROWS, cut

IDS = [f"bk_{number:05d}" for number in range(MOST_ROWS + 1)]


@pytest.mark.parametrize("number", [0, 1, MOST_ROWS])
def test_a_range_of_which_all_came_is_not_cut(number: int) -> None:
    assert cut(IDS[:number], LAST_ID) == LAST_ID


def test_a_range_of_which_more_came_than_are_looked_at_ends_before_what_is_too_much() -> None:
    assert cut(IDS, LAST_ID) == IDS[MOST_ROWS - 1]
