"""A document that cannot be read is named, with why, and never with what it holds; the others are read."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from audit.auditor.reading import read, readable
from audit.auditor.violations import Violation
from audit.load_view import booking_of

HELD = "somebody's"
SHOWN = {
    "_id": "bk_1",
    "event_id": "concert",
    "principal": "p_1",
    "seat_ids": ["A1"],
    "status": "confirmed",
    "reason": None,
    "conflicts": [],
    "requested_at": "2027-01-15T08:00:00.000Z",
    "decided_at": "2027-01-15T08:00:00.000Z",
    "expires_at": None,
    "version": 1,
}


def test_what_cannot_be_read_is_named_and_all_else_is_read() -> None:
    without = {name: value for name, value in SHOWN.items() if name != "status"} | {"_id": "bk_2"}
    made, damaged = read([without, SHOWN], booking_of)
    assert made == {"bk_1": booking_of(SHOWN)}
    assert damaged == {"bk_2": "'status' is missing"}


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ({"decided_at": HELD}, "what it holds is a ValueError"),
        ({"conflicts": 3}, "what it holds is a TypeError"),
        ({"version": None}, "its version is of the type NoneType"),
        ({"version": HELD}, "its version is of the type str"),
        ({"version": float("nan")}, "its version is of the type float"),
        ({"status": 5}, "its status is of the type int"),
        ({"event_id": None}, "its event_id is of the type NoneType"),
        ({"seat_ids": HELD}, "its seat_ids is of the type str"),
    ],
)
def test_why_it_cannot_be_read_is_told_without_what_it_holds(damage: dict[str, Any], why: str) -> None:
    assert read([{**SHOWN, **damage}], booking_of) == ({}, {"bk_1": why})


def test_what_was_found_before_it_could_not_be_read_is_told_too() -> None:
    first = Violation("it is shown as it is not", "concert")
    document: dict[str, str] = {}

    def found() -> Iterator[Violation]:
        yield first
        yield replace(first, view_says=document["status"])

    assert list(readable(found(), "block 0", "concert")) == [
        first,
        Violation("block 0 cannot be read", "concert", view_says="'status' is missing"),
    ]
