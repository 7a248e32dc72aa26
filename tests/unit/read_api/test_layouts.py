"""Layouts of several blocks, as one page shows them."""

from contracts.views import LayoutRow, LayoutView
from read_api.layouts import sections_of


def _block(number: int, section: str, *rows: tuple[str, str]) -> LayoutView:
    shown: list[LayoutRow] = [{"row": row, "seat_ids": seats.split()} for row, seats in rows]
    return {
        "_id": f"e:{number}",
        "event_id": "e",
        "block": number,
        "section": section,
        "rows": shown,
        "price_minor": 1000,
        "currency": "EUR",
    }


def test_a_row_that_was_cut_between_two_blocks_is_whole_again() -> None:
    (section,) = sections_of([_block(0, "s", ("A", "A1"), ("B", "B1 B2")), _block(1, "s", ("B", "B3"), ("C", "C1"))])
    assert section["rows"] == [
        {"row": "A", "seat_ids": ["A1"]},
        {"row": "B", "seat_ids": ["B1", "B2", "B3"]},
        {"row": "C", "seat_ids": ["C1"]},
    ]
    assert section["seats_total"] == 5


def test_two_rows_of_the_same_name_in_one_block_stay_two() -> None:
    (section,) = sections_of([_block(0, "s", ("", "A1"), ("", "B1"))])
    assert [row["seat_ids"] for row in section["rows"]] == [["A1"], ["B1"]]  # type: ignore[attr-defined]


def test_sections_stand_in_the_order_of_their_first_blocks() -> None:
    shown = sections_of([_block(0, "z", ("A", "1")), _block(1, "a", ("A", "2")), _block(2, "z", ("B", "3"))])
    assert [(one["section"], one["seats_total"]) for one in shown] == [("z", 2), ("a", 1)]


def test_counted_places_have_no_rows_and_seats_of_another_price_are_named() -> None:
    floor = _block(0, "floor", ("", "f~1 f~2"))
    floor["general_admission"] = True
    stalls = _block(1, "stalls", ("A", "A1 A2"))
    stalls["accessible"] = ["A1"]
    stalls["priced"] = [{"category": "sofa", "price_minor": 1800, "seat_ids": ["A2"]}]
    counted, seated = sections_of([floor, stalls])
    assert (counted["general_admission"], counted["rows"], counted["seats_total"]) == (True, [], 2)
    assert seated["accessible"] == ["A1"]
    assert seated["prices"] == [
        {"category": None, "price_minor": 1000, "seat_ids": None},
        {"category": "sofa", "price_minor": 1800, "seat_ids": ["A2"]},
    ]
