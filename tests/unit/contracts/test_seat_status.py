"""Status strings: one character a seat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.seat_status import AVAILABLE, BOOKED, HELD, WORDS, available_in, with_changes

statuses = st.text(st.sampled_from(sorted(WORDS)), min_size=1, max_size=50)


def test_the_words_are_the_wires() -> None:
    assert WORDS == {"a": "available", "h": "held", "b": "booked"}


def test_changes_are_applied_in_their_order() -> None:
    assert with_changes("aaaa", [(1, HELD), (3, BOOKED), (1, BOOKED)]) == "abab"


@given(statuses, st.data())
def test_a_change_touches_its_seat_alone(status: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(status) - 1))
    to = data.draw(st.sampled_from(sorted(WORDS)))

    changed = with_changes(status, [(position, to)])

    assert changed == status[:position] + to + status[position + 1 :]
    assert available_in(changed) - available_in(status) == (to == AVAILABLE) - (status[position] == AVAILABLE)


@pytest.mark.parametrize("change", [(4, BOOKED), (-1, BOOKED), (0, "x"), (0, "")])
def test_a_change_of_no_seat_or_to_no_status_is_refused(change: tuple[int, str]) -> None:
    with pytest.raises(ValueError, match="no seat"):
        with_changes("aaaa", [change])
