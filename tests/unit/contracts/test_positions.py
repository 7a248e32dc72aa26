"""Positions are told as text and read back, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.positions import position_of, position_text


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**63 - 1))
def test_a_position_is_read_back_as_it_was_told(tx: int, row_id: int) -> None:
    assert position_of(position_text(tx, row_id)) == (tx, row_id)


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "1-2-3", "a-1", "1 -2", "٣-1", "1" * 21 + "-1"])
def test_what_is_no_position_is_none(text: str) -> None:
    assert position_of(text) is None
