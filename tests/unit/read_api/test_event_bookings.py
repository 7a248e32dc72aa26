"""An export is opened in a spreadsheet by whoever organises, and holds names that strangers chose."""

import csv
import io

import pytest

from read_api.event_bookings import COLUMNS, cells_of, csv_of


def _exported(**booking: object) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS) | {"seat_ids": [], "check_ins": []} | booking
    text = csv_of([COLUMNS, cells_of(row)]).decode()
    (line,) = csv.DictReader(io.StringIO(text))
    return line


@pytest.mark.parametrize("name", ["-1", "-A1", "=1", "+1", "@x", "\t=1", "\r=1", '=HYPERLINK("https://evil.example")'])
def test_no_cell_of_an_export_is_a_formula(name: str) -> None:
    line = _exported(user_id=name, seat_ids=[name, "B2"])
    assert line["user_id"] == f"'{name}"
    assert line["seat_ids"] == f"'{name} B2"


@pytest.mark.parametrize("name", ["anna", "a-1", "a=b", "10", "bk_-x"])
def test_every_other_name_is_exported_as_it_is(name: str) -> None:
    assert _exported(user_id=name)["user_id"] == name


def test_who_came_in_is_exported_seat_by_seat() -> None:
    line = _exported(seat_ids=["A1", "A2"], check_ins=[{"seat_id": "A2", "checked_in_at": "2027-05-01T19:00:00Z"}])
    assert line["checked_in_at"] == "none 2027-05-01T19:00:00Z"
    assert _exported(seat_ids=["A1", "A2"])["checked_in_at"] == ""
