"""Lists that come a page at a time: each page says where the next one begins, and the last one says nothing."""

import pytest

from read_api.paging import following, position_in
from runtime.problems import ProblemError

FOUND = [{"date": f"2027-01-0{n}", "_id": f"e{n}"} for n in (1, 2, 3)]


def test_a_page_after_which_more_comes_names_its_own_last_item() -> None:
    cursor = following(FOUND, 2, "date", "_id")
    assert cursor is not None
    assert position_in(cursor, 2) == ["2027-01-02", "e2"]


@pytest.mark.parametrize("limit", [3, 4])
def test_the_last_page_leads_nowhere(limit: int) -> None:
    assert following(FOUND, limit, "date", "_id") is None


def test_a_cursor_of_another_list_is_none_of_ours() -> None:
    with pytest.raises(ProblemError):
        position_in(following(FOUND, 2, "_id") or "", 2)
