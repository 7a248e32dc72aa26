"""What an event shows moves by version alone, and a snapshot and its changes add up to the next snapshot."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.views import BlockView, EventView, LayoutView
from loadtest.listeners import Folded, Message
from read_api.live.seats import Seats

SEATS_A_BLOCK = 4
EVENT: EventView = {
    "_id": "e",
    "event_id": "e",
    "name": "An evening",
    "kind": "concert",
    "venue": "Hall",
    "time_zone": "Europe/Vienna",
    "date": "2027-05-01T19:00:00Z",
    "seats_total": 12,
    "seats_available": 12,
    "partition": 3,
    "version": 5,
}


def block(number: int, status: str = "a" * SEATS_A_BLOCK, version: int = 1) -> BlockView:
    section = "stalls" if number < 2 else "circle"  # the stalls have two blocks
    return {
        "_id": f"e:{number}",
        "event_id": "e",
        "block": number,
        "section": section,
        "status": status,
        "version": version,
    }


def layout(number: int) -> LayoutView:
    ids = [f"{number}-{seat}" for seat in range(SEATS_A_BLOCK)]
    return {
        "_id": f"e:{number}",
        "event_id": "e",
        "block": number,
        "section": "any",
        "rows": [{"row": "r", "seat_ids": ids}],
        "price_minor": None,
        "currency": None,
    }


def shown() -> Seats:
    return Seats(EVENT, [block(n) for n in range(3)], {f"e:{n}": layout(n) for n in range(3)})


def test_a_change_says_which_seats_became_what_and_at_which_version() -> None:
    seats = shown()
    seats.block("e:1", {"status": "abha", "version": 3})
    assert seats.change() == {
        "event": {"seats_available": 10, "version": 5},
        "sections": [{"section": "stalls", "version": 4, "seats_total": 8, "seats_available": 6}],
        "seats": {"booked": ["1-1"], "held": ["1-2"]},
    }
    assert seats.change() is None


def test_what_is_no_newer_changes_nothing() -> None:
    seats = shown()
    seats.block("e:0", {"status": "bbbb", "version": 1})
    seats.block("e:0", {"status": "bbbb"})
    seats.event({"name": "Other", "version": 5})
    assert seats.change() is None


def test_a_version_without_another_status_is_told_too() -> None:
    seats = shown()
    before = seats.version
    seats.block("e:2", {"version": 3})  # held and given back between two messages
    change = seats.change()
    assert change is not None
    assert (change["seats"], change["sections"][0]["version"]) == ({}, 3)
    assert seats.version == before + 2


def test_facts_are_told_when_they_change() -> None:
    seats = shown()
    seats.event({"name": "Another evening", "version": 6, "position": "9-9"})
    assert seats.change() == {"event": {"name": "Another evening", "version": 6}, "sections": [], "seats": {}}


changes = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.text("ahb", min_size=SEATS_A_BLOCK, max_size=SEATS_A_BLOCK),
        st.integers(1, 9),
        st.booleans(),
    ),
    max_size=30,
)


@given(changes)
def test_a_snapshot_and_its_changes_add_up_to_the_next_snapshot(steps: list[tuple[int, str, int, bool]]) -> None:
    seats = shown()
    told = [_message("snapshot", seats.snapshot())]
    versions = [seats.version]
    for number, status, version, flush in steps:
        seats.block(f"e:{number}", {"status": status, "version": version})
        if flush and (change := seats.change()) is not None:
            told.append(_message("change", change))
            versions.append(seats.version)
    if (change := seats.change()) is not None:
        told.append(_message("change", change))
        versions.append(seats.version)
    folded, anew = Folded(told), Folded([_message("snapshot", seats.snapshot())])
    assert (folded.event, folded.sections, folded.seats) == (anew.event, anew.sections, anew.seats)
    assert not folded.backwards
    assert versions == sorted(set(versions)), "no two moments have the same version"


def _message(name: str, body: dict[str, Any]) -> Message:
    return Message(name, "", json.dumps(body))
