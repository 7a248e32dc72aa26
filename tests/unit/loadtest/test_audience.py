"""The audience: a stream that ends with anything else than the event's page is told of, and no other."""

import json
from typing import Any

import pytest

from loadtest.audience import disagreements
from loadtest.listeners import Message

PAGE = {
    "event_id": "concert",
    "version": 3,
    "description": "Streams do not tell it.",
    "seats": [{"seat_id": "A1", "status": "booked"}, {"seat_id": "A2", "status": "available"}],
}


def snapshot(**seats: list[str]) -> Message:
    return _message("snapshot", "1", {"event_id": "concert", "version": 2}, seats)


def change(version: int, **seats: list[str]) -> Message:
    return _message("change", str(version), {"version": version}, seats)


def _message(name: str, mark: str, event: dict[str, Any], seats: dict[str, list[str]]) -> Message:
    return Message(name, mark, json.dumps({"event": event, "sections": [], "seats": seats}))


AGREEING = (snapshot(available=["A1", "A2"]), change(3, booked=["A1"]))


def test_streams_that_end_with_the_page_are_not_told_of() -> None:
    assert disagreements(PAGE, [AGREEING, (snapshot(booked=["A1"], available=["A2"]), change(3))]) == []


@pytest.mark.parametrize(
    ("heard", "complaint"),
    [
        ((), "stream 1 ends with other seats than the page: ['A1', 'A2']"),
        ((snapshot(available=["A1", "A2"]), change(3)), "stream 1 ends with other seats than the page: ['A1']"),
        (AGREEING[:1], "stream 1 ends with other seats than the page: ['A1']"),
        ((snapshot(booked=["A1"], available=["A2"]),), "stream 1 ends with another event than the page: ['version']"),
        ((*AGREEING, change(2), change(3)), "stream 1 was shown something backwards: ['2']"),
        # The same ids, and yet something else was said.
        ((AGREEING[0], change(3, booked=["A2"])), "stream 1 ends with other seats than the page: ['A1', 'A2']"),
    ],
)
def test_a_stream_that_does_not_is_told_of_beside_one_that_does(heard: tuple[Message, ...], complaint: str) -> None:
    assert disagreements(PAGE, [AGREEING, heard]) == [complaint]
