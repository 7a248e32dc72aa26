"""The picker: the cursor, the choice, and what others do meanwhile."""

import pytest

from frontrow_cli.drawing import Look
from frontrow_cli.keys import keys_in
from frontrow_cli.picker import MOST_SEATS, Picker
from frontrow_cli.seat_maps import section_map

ROWS = [f"{row}{number}" for row in "AB" for number in range(1, 13)]


@pytest.fixture
def picker() -> Picker:
    sections = [section_map("stalls", ROWS), section_map("box", ["X1", "X2"])]
    statuses = dict.fromkeys([*ROWS, "X1", "X2"], "available") | {"A1": "booked"}
    picker = Picker("An evening", sections, {"stalls": "45.00 EUR"}, statuses)
    picker.start()
    return picker


def press(picker: Picker, *keys: str) -> str:
    for key in keys:
        picker.key(key)
    return picker.place.seat_id


def test_the_cursor_begins_at_a_free_seat_and_stays_on_the_map(picker: Picker) -> None:
    assert picker.place.seat_id == "A2"
    assert press(picker, "left", "left", "up") == "A1"
    assert press(picker, "down", "down", "right") == "B2"
    assert press(picker, *["right"] * 20) == "B12"
    assert press(picker, "tab") == "X2"
    assert press(picker, "tab") == "A12"


def test_space_chooses_and_lets_go(picker: Picker) -> None:
    press(picker, "space", "right", "space")
    assert picker.chosen == ["A2", "A3"]
    press(picker, "space")
    assert picker.chosen == ["A2"]


def test_what_is_taken_or_too_many_is_not_chosen(picker: Picker) -> None:
    press(picker, "left", "space")
    assert picker.chosen == []
    assert picker.message == "A1 is not free."
    press(picker, *["right", "space"] * (MOST_SEATS + 1))
    assert len(picker.chosen) == MOST_SEATS
    assert "at most 10" in picker.message


def test_a_chosen_seat_that_is_gone_is_told_at_once(picker: Picker) -> None:
    press(picker, "space", "right", "space")
    picker.hear({"A2": "held", "B1": "booked"})
    assert picker.chosen == ["A3"]
    assert picker.message.startswith("A2 was taken")
    picker.hear({"B2": "booked"})
    assert picker.message.startswith("A2 was taken"), "somebody else's seat takes no message away"
    press(picker, "down")
    assert picker.message == ""


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (20, 10), (14, 9)])
def test_the_picture_fits_and_shows_the_cursor_in_brackets(picker: Picker, width: int, height: int) -> None:
    press(picker, *["right"] * 9, "down")
    lines = [line.plain for line in picker.lines(Look(width, unicode=False), height)]
    assert len(lines) <= height
    rows = [line for line in lines if line[:2] in {"A ", "B ", "B["}]
    assert max(map(len, rows)) <= width
    assert sum("[.]" in line for line in rows) == 1


def test_keys_are_what_terminals_send() -> None:
    sent = b"\x1b[A\x1bOB\x1b[C\x1b[D \r\tq"
    assert list(keys_in(sent)) == ["up", "down", "right", "left", "space", "enter", "tab", "quit"]
    assert list(keys_in(b"\x1b[5~\x1b[1;5Cz")) == []
    assert list(keys_in(b"\x1b")) == list(keys_in(b"")) == ["quit"]
