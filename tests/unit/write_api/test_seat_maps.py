"""Seat maps: what organisers send is cut into bounded blocks, and everything that is wrong is found with its place."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.event_commands import MAX_BLOCKS_PER_EVENT, MAX_SEATS_PER_BLOCK
from contracts.organising import EventRequest, SectionRequest
from runtime.problems import ProblemError
from write_api.event_requests import check_times, read_event, read_seat_file, read_seat_map
from write_api.lines import line_of
from write_api.seat_maps import blocks_in, blocks_of, by_row, planned, seats_in

HEAD = b"section,row,seat_id,price_minor,currency,category,accessible,general_admission\n"


def section(**said: Any) -> SectionRequest:  # noqa: ANN401 - any field
    return SectionRequest.model_validate({"section": "stalls", **said})


def wrong(*sections: SectionRequest) -> list[tuple[str, str]]:
    return [(".".join(map(str, where)), message) for where, message in planned(sections)[1]]


@settings(deadline=None)  # forty thousand seats, on whatever machine
@given(st.lists(st.integers(1, MAX_SEATS_PER_BLOCK), min_size=1, max_size=40))
def test_every_seat_is_in_one_block_in_its_order_and_no_block_is_too_large(widths: list[int]) -> None:
    plans, complaints = planned([section(rows=[{"row": f"{n}-", "count": width} for n, width in enumerate(widths)])])
    assert not complaints
    blocks = list(blocks_of(plans))
    seats = [seat_id for block in blocks for row in block.rows for seat_id in row.seat_ids]
    assert seats == [f"{n}-{seat + 1}" for n, width in enumerate(widths) for seat in range(width)]
    assert all(sum(len(row.seat_ids) for row in block.rows) <= MAX_SEATS_PER_BLOCK for block in blocks)
    assert (len(blocks), len(seats)) == (blocks_in(plans), seats_in(plans))


def test_seats_that_are_only_listed_stand_in_the_rows_that_their_ids_name() -> None:
    assert by_row(["A1", "A2", "B1", "VIP-7", "door"]) == [
        ("A", ["A1", "A2"]),
        ("B", ["B1"]),
        ("VIP", ["VIP-7"]),
        ("", ["door"]),
    ]


def test_places_without_numbers_have_ids_that_nobody_sees() -> None:
    plans, _ = planned([section(places=1_500)])
    blocks = list(blocks_of(plans))
    assert [len(block.rows[0].seat_ids) for block in blocks] == [1_000, 500]
    assert all(block.general_admission for block in blocks)


def test_prices_of_seats_and_rows_are_those_of_their_blocks() -> None:
    rows = [{"row": "A", "count": 2}, {"row": "B", "count": 2}]
    dear = {"category": "front", "price_minor": 90, "rows": ["A"]}
    cheap = {"category": "behind a pillar", "price_minor": 10, "seats": ["B2"]}
    plans, complaints = planned([section(rows=rows, price_minor=50, currency="EUR", categories=[dear, cheap])])
    assert not complaints
    (block,) = blocks_of(plans)
    assert [(some.category, some.price_minor, some.seat_ids) for some in block.priced] == [
        ("front", 90, ("A1", "A2")),
        ("behind a pillar", 10, ("B2",)),
    ]


ROW_A = [{"row": "A", "count": 2}]
DEAR = {"category": "front", "price_minor": 90}


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ([section(seat_ids=["A1", "A1"])], [("sections.0", "names the seat A1 twice")]),
        (
            [section(rows=ROW_A), SectionRequest.model_validate({"section": "circle", "rows": ROW_A})],
            [("sections.1", "names the seat A1 twice"), ("sections.1", "names the seat A2 twice")],
        ),
        (
            [section(rows=ROW_A), section(prefix="x", rows=ROW_A)],
            [("sections.1.section", "there is a section stalls already")],
        ),
        (
            [section(rows=ROW_A, currency="EUR", categories=[{**DEAR, "seats": ["Z9"]}, {**DEAR, "rows": ["Z"]}])],
            [
                ("sections.0.categories.0.seats.0", "there is no seat Z9 in the section"),
                ("sections.0.categories.1.rows.0", "there is no row Z in the section"),
            ],
        ),
        (
            [section(rows=ROW_A, currency="EUR", categories=[{**DEAR, "seats": ["A1"]}, {**DEAR, "rows": ["A"]}])],
            [("sections.0.categories.1.rows", "the seat A1 has a category already")],
        ),
        ([section(rows=ROW_A, accessible=["A9"])], [("sections.0.accessible.0", "there is no seat A9 in the section")]),
        (
            [section(rows=[{"row": "É", "count": 2}])],
            [("sections.0.rows.0.row", "makes the seat id 'É2', which is none")],
        ),
    ],
)
def test_what_contradicts_itself_is_named(sections: Sequence[SectionRequest], expected: list[tuple[str, str]]) -> None:
    assert wrong(*sections) == expected


def test_a_hall_of_too_many_blocks_is_refused() -> None:
    rows = [{"row": f"{n}-", "count": 501} for n in range(MAX_BLOCKS_PER_EVENT + 1)]
    ((where, message),) = wrong(section(rows=rows))
    assert (where, "1001 blocks" in message) == ("sections", True)


def errors_of(read: Any, body: bytes) -> list[tuple[Any, str]]:  # noqa: ANN401 - a reader
    with pytest.raises(ProblemError) as refused:
        read(body)
    return [(error["line"], error["field"]) for error in refused.value.errors or ()]


def test_a_csv_seat_map_is_read_row_by_row() -> None:
    seats = (
        "stalls,A,A1,50,EUR,standard,yes, stalls,A,A2,90,EUR,front,, floor,,f1,,,,,yes stalls,B,B1,50,EUR,standard,,"
    )
    body = HEAD + "\n".join(seats.split(" ")).encode()
    stalls, floor = read_seat_file(b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n"))
    assert stalls.rows == [("A", ["A1", "A2"]), ("B", ["B1"])]
    assert (stalls.price_minor, stalls.category, stalls.accessible, stalls.own) == (
        50,
        "standard",
        {"A1"},
        {"A2": ("front", 90)},
    )
    assert (floor.general_admission, floor.rows) == (True, [("", ["f1"])])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", [(1, "section"), (1, "row"), (1, "seat_id")]),
        (b"section,row,seat_id,colour\n", [(1, "colour")]),
        (HEAD, [(1, "")]),
        (b"section,row,seat_id\nstalls,A\nstalls,A,A1\nstalls,A,A1\n", [(2, ""), (4, "seat_id")]),
        (b'section,row,seat_id\n"stalls,A,A1\n', [(2, "")]),
        (b"section,row,seat_id\nst\xff,A,A1\n", [(2, "")]),
        (HEAD + b"stalls,A,A1,50,,,,\n", [(2, "currency")]),
        (HEAD + b"stalls,A,A1,50,EUR,,,\nstalls,A,A2,60,EUR,,,\n", [(3, "category")]),
        (HEAD + b"stalls,A,A1,50,EUR,,,\nstalls,A,A2,50,USD,,,\n", [(3, "currency")]),
        (HEAD + b"stalls,A,A1,,,,,\nstalls,A,A2,,,,,yes\n", [(3, "general_admission")]),
    ],
)
def test_what_is_wrong_in_a_csv_seat_map_is_named_with_its_line(body: bytes, expected: list[tuple[int, str]]) -> None:
    assert errors_of(read_seat_file, body) == expected


def test_what_is_wrong_in_a_json_seat_map_is_named_with_its_line() -> None:
    body = b"""{"sections": [
  {"section": "stalls", "rows": [{"row": "A", "count": 2}]},
  {"section": "circle",
   "rows": [{"row": "A", "count": 2}],
   "colour": "red"},
  {"section": "balcony"}
]}"""
    assert errors_of(read_seat_map, body) == [(5, "sections.1.colour"), (6, "sections.2")]


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"date": "2027-02-30T19:00:00Z"}, "date"),
        ({"date": "0001-01-01T00:00:00+14:00"}, "date"),
        ({"on_sale_at": "2027-02-01T19:00:00Z", "off_sale_at": "2027-02-01T19:00:00Z"}, "off_sale_at"),
        ({"departure": "2027-02-01T19:00:00Z", "arrival": "2027-02-01T19:00:00+01:00"}, "arrival"),
    ],
)
def test_times_that_are_none_or_contradict_each_other_are_refused(times: dict[str, str], field: str) -> None:
    about = {"name": "N", "date": "2027-05-01T19:00:00Z", "time_zone": "UTC", "venue": "V"}
    asked = EventRequest.model_validate({**about, **times})
    with pytest.raises(ProblemError) as refused:
        check_times(asked)
    assert [error["field"] for error in refused.value.errors or ()] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Nowhere/Town"}, ""),
        ({"kind": "train"}, ""),
        ({"date": None}, ""),
        ({"production_id": "p"}, ""),
        ({"kind": "opera"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "N\0"}, "name"),
        ({"description": "\0"}, "description"),
        ({"max_seats_per_user": 0}, "maxSeatsPerUser"),
    ],
)
def test_an_event_that_is_none_is_refused(change: dict[str, object], field: str) -> None:
    about = {"name": "N", "date": "2027-05-01T19:00:00Z", "time_zone": "UTC", "venue": "V"}
    found = errors_of(read_event, json.dumps({**about, **change}).encode())
    assert [name for _line, name in found] in ([field], ["max_seats_per_user"])


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_the_line_of_whatever_is_there_is_found(value: object) -> None:
    import json  # noqa: PLC0415 - only here

    text = json.dumps(value, indent=1)
    path: list[str | int] = []
    while isinstance(value, dict | list) and value:
        key: Any = next(reversed(value)) if isinstance(value, dict) else len(value) - 1
        path.append(key)
        value = value[key]
    first = json.dumps(value)
    assert text.splitlines()[line_of(text, path) - 1].strip().rstrip(",").endswith(first)
