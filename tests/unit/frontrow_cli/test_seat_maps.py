"""Seat ids become rows, and rows become lines that fit the terminal."""

from frontrow_cli.drawing import Look, legend, ruler, section_lines
from frontrow_cli.seat_maps import section_map


def drawn(seat_ids: list[str], width: int, *, unicode: bool = False, **statuses: str) -> list[str]:
    of_all = dict.fromkeys(seat_ids, "available") | statuses
    return [line.plain for line in section_lines(section_map("main", seat_ids), of_all, Look(width, unicode))]


def test_all_but_the_last_digits_is_the_row() -> None:
    section = section_map("main", ["S-A1", "S-A2", "S-B01", "S-B02"])
    assert [(row.label, [place.seat_id for place in row.places]) for row in section.rows] == [
        ("S-A", ["S-A1", "S-A2"]),
        ("S-B", ["S-B01", "S-B02"]),
    ]


def test_a_seat_stands_at_its_number_and_a_missing_one_leaves_a_gap() -> None:
    assert drawn(["A1", "A2", "A4", "B2", "B3"], 80, A2="booked", B3="held") == ["  1", "A . x   .", "B   . h"]


def test_numbers_that_are_far_apart_or_missing_are_drawn_side_by_side() -> None:
    assert section_map("main", ["A1", "A9000"]).first is None
    assert drawn(["left", "right", "royal"], 80) == [" . . ."]
    assert drawn(["A2", "A1"], 80) == ["A . ."]


def test_a_map_is_drawn_tight_and_then_broken_where_it_does_not_fit() -> None:
    row = [f"A{number}" for number in range(1, 41)]
    assert [len(line) for line in drawn(row, 200)] == [82, 81]
    tight = drawn(row, 80)
    assert tight == ["  1   5    10   15   20   25   30   35   40", "A " + "." * 40]
    broken = drawn(row, 22)
    assert broken == ["  1   5    10   15", "A " + "." * 20, "  21  25   30   35", "A " + "." * 20]
    assert all(len(line) <= 80 for line in drawn([f"A{number}" for number in range(1, 400)], 80))


def test_each_sign_says_what_a_seat_is_without_colour() -> None:
    for unicode in (True, False):
        signs = Look(80, unicode).signs
        assert len(set(signs.values())) == len(signs)
    assert legend(Look(80, unicode=False)).plain == ". free   h held   x taken"
    assert "✔ chosen" in legend(Look(80), chosen=True).plain


def test_numbers_of_the_ruler_never_touch() -> None:
    assert ruler(range(995, 1010), 1, 1, 18).split() == ["996", "1000", "1005", "1010"]


def test_the_nearest_seat_is_found_across_a_gap() -> None:
    row = section_map("main", ["A1", "A2", "A8"]).rows[0]
    assert [row.nearest(column).seat_id for column in (0, 1, 3, 5, 6, 90)] == ["A1", "A2", "A2", "A8", "A8", "A8"]
