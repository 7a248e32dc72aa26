"""Plans become bounded commands, in the order in which the log must have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.commands import MAX_SEATS_PER_BLOCK, AddSeats, CreateEvent, PublishEvent, decode, encode
from write_api.halls import EventPlan, SectionPlan, commands, load_hall, row_label
from write_api.seed import demo_events


def issue(_event_id: str) -> tuple[str, int]:
    return "cm_" + "x" * 36, 1_795_240_925_522


def blocks_of(plan: EventPlan) -> list[AddSeats]:
    return [command for command in commands(plan, issue) if isinstance(command, AddSeats)]


@given(st.integers(1, 5), st.integers(1, 60), st.integers(1, 120))
def test_every_seat_is_in_one_block_and_no_block_is_too_large(sections: int, rows: int, seats_per_row: int) -> None:
    plan = load_hall("load-1", sections=sections, rows=rows, seats_per_row=seats_per_row)

    blocks = blocks_of(plan)
    sizes = [sum(len(row.seat_ids) for row in block.rows) for block in blocks]
    seats = {seat for block in blocks for row in block.rows for seat in row.seat_ids}
    assert max(sizes) <= MAX_SEATS_PER_BLOCK
    assert sum(sizes) == len(seats) == plan.seats_total == sections * rows * seats_per_row
    assert [block.block for block in blocks] == list(range(len(blocks)))


def test_an_event_is_created_filled_and_published_in_this_order() -> None:
    first, *blocks, last = commands(load_hall("load-1", sections=2, rows=2, seats_per_row=2), issue)

    assert isinstance(first, CreateEvent)
    assert isinstance(last, PublishEvent)
    assert last.blocks == len(blocks) == 2
    assert all(decode(encode(command)) == command for command in (first, *blocks, last))


def test_rows_are_labelled_as_on_a_plan() -> None:
    assert [row_label(index) for index in (0, 1, 25, 26, 27, 51, 52, 701, 702)] == (
        ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]
    )


def test_seat_ids_are_prefix_row_and_number() -> None:
    (rows,) = SectionPlan(section="stalls", prefix="S-", rows=2, seats_per_row=2).blocks()

    assert [row.seat_ids for row in rows] == [("S-A1", "S-A2"), ("S-B1", "S-B2")]


def test_the_demo_events_are_in_the_future_and_hold_the_published_seats() -> None:
    plans = {plan.event_id: plan for plan in demo_events(None)}

    assert list(plans) == ["concert123", "sports_event456", "theatre-hamlet", "arena-grand-final"]
    assert plans["concert123"].seats_total == 1000
    assert plans["theatre-hamlet"].seats_total == 400
    assert plans["arena-grand-final"].seats_total == 20_000
    assert all(plan.date.startswith("2027-") for plan in plans.values())
    assert all(commands(plan, issue) for plan in plans.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_id": "no such"},
        {"sections": []},
        {"sections": [{"section": "a", "rows": 0, "seats_per_row": 1}]},
        {"sections": [{"section": "a", "rows": 1, "seats_per_row": 1001}]},
        {"sections": [{"section": name, "rows": 1, "seats_per_row": 1} for name in "ab"]},
        {"sections": [{"section": "a", "prefix": str(n), "rows": 1000, "seats_per_row": 600} for n in range(2)]},
        {"vip": True},
    ],
)
def test_a_hall_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    plan = load_hall("load-1", sections=1, rows=1, seats_per_row=1).model_dump(exclude_defaults=True)

    EventPlan.model_validate(plan)
    with pytest.raises(ValidationError):
        EventPlan.model_validate(plan | wrong)
