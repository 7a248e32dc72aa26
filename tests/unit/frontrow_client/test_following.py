"""A stream over as many lines as it takes: what is told, what is asked again, and how it ends."""

import json
import random
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

import pytest

from frontrow_client import FrontrowError, LiveEvent, Message, NotFoundError, UnexpectedError, UnreachableError
from frontrow_client.asking import Asking
from frontrow_client.following import GIVE_UP_S, SILENT_S, Following
from frontrow_client.memory import Memory
from frontrow_client.patience import Patience, Settling
from frontrow_client.steps import Answer, Heard, Listen, Lost, Pause, Request, Tell, Telling
from tests.unit.frontrow_client.telling import NOW_S, problem

T = TypeVar("T")

OPEN = Answer(200, {}, b"")
END = Heard(b"")
BROKEN = Lost(sent=True, why="ReadTimeout: ")
EVENT = {
    "event_id": "concert123",
    "date": "2027-05-01T19:00:00Z",
    "name": "An evening",
    "kind": "concert",
    "venue": "The hall",
    "time_zone": "Europe/Vienna",
    "seats_total": 3,
    "seats_available": 3,
    "version": 6,
}
SECTION = {"section": "main", "version": 3, "seats_total": 3, "seats_available": 3}


def sent(name: str, mark: str, data: object) -> Heard:
    return Heard(f"event: {name}\nid: {mark}\ndata: {json.dumps(data)}\n\n".encode())


SNAPSHOT = sent(
    "snapshot", "d-6", {"event": EVENT, "sections": [SECTION], "seats": {"available": ["A1", "A3"], "booked": ["A2"]}}
)
CHANGE = sent("change", "d-7", {"event": {"version": 7}, "sections": [], "seats": {"booked": ["A1"], "held": ["A2"]}})


class Told(Following):
    """Follows, told ``replies`` in turn and the last one again and again, on a clock that moves with pauses.

    ``takes_s``: what each reply takes besides.
    """

    def __init__(self, *replies: Answer | Lost | Heard, takes_s: float = 0.0) -> None:
        self.now_s = 0.0
        self._takes_s = takes_s
        settling = Settling(Patience(), random.Random(7), lambda: self.now_s, lambda: NOW_S)
        super().__init__(Asking(settling, Memory(), lambda: "key"))
        self._replies = list(replies)
        self.asked: list[Request] = []
        self.paused: list[float] = []

    def tell(self, telling: Telling[T], /) -> Generator[T, None, None]:
        reply: Answer | Lost | Heard | None = None
        while True:
            try:
                step = telling.send(reply)
            except StopIteration:
                return
            reply = None
            if isinstance(step, Tell):
                yield step.message
            elif isinstance(step, Pause):
                self.paused.append(step.seconds)
                self.now_s += step.seconds
            else:
                if isinstance(step, Listen):
                    self.asked.append(step.request)
                self.now_s += self._takes_s
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def marks_sent(self) -> list[str | None]:
        return [request.headers.get("Last-Event-ID") for request in self.asked]


def names(messages: list[Message[Any]]) -> list[str]:
    return [message.name for message in messages]


def some(stream: Iterator[T], count: int) -> list[T]:
    return [next(stream) for _ in range(count)]


def test_an_event_is_told_as_it_changes() -> None:
    client = Told(OPEN, SNAPSHOT, Heard(b": as of now\n\n"), CHANGE)
    snapshot, change = some(client.follow_event("concert/123"), 2)
    assert client.asked[0].path == "/api/events/concert%2F123/stream"
    assert client.asked[0].timeout_s == SILENT_S
    live = LiveEvent()
    assert live.hear(snapshot) == {"A1": "available", "A3": "available", "A2": "booked"}
    assert live.hear(change) == {"A1": "booked", "A2": "held"}
    assert live.seats == {"A1": "booked", "A2": "held", "A3": "available"}
    assert live.facts["version"] == 7
    assert live.sections["main"].seats_total == 3


@pytest.mark.parametrize("lost", [BROKEN, END])
def test_a_line_that_is_lost_or_silent_is_taken_up_with_the_last_id(lost: Heard | Lost) -> None:
    client = Told(OPEN, Heard(b"retry: 2000\n\n"), SNAPSHOT, lost, OPEN, CHANGE)
    told = some(client.follow_event("concert123"), 3)
    assert names(told) == ["snapshot", "interrupted", "change"]
    assert client.marks_sent() == [None, "d-6"]
    [pause_s] = client.paused
    assert 2 < pause_s <= 3
    live = LiveEvent()
    assert [(live.hear(message) and live.fresh) or live.fresh for message in told] == [True, False, True]


def test_while_nobody_answers_it_asks_ever_more_seldom_and_gives_up() -> None:
    client = Told(OPEN, SNAPSHOT, BROKEN, Lost(sent=False, why="ConnectError: "))
    with pytest.raises(UnreachableError, match="ConnectError"):
        list(client.follow_event("concert123"))
    assert client.now_s <= GIVE_UP_S
    assert 15 < len(client.paused) < 40
    assert client.paused[0] < client.paused[3] < client.paused[-1]


def test_a_word_after_a_while_begins_the_patience_anew() -> None:
    lost = Lost(sent=False, why="ConnectError: ")
    client = Told(OPEN, SNAPSHOT, BROKEN, *[lost] * 12, OPEN, CHANGE, BROKEN, lost)
    with pytest.raises(UnreachableError):
        list(client.follow_event("concert123"))
    assert client.now_s > GIVE_UP_S


def test_too_many_streams_are_asked_for_again_no_sooner_than_it_was_said() -> None:
    refused = problem(503, "overloaded", retry_after="9")
    client = Told(*[refused] * 9, OPEN, SNAPSHOT)
    assert names(some(client.follow_event("concert123"), 10)) == ["interrupted"] * 9 + ["snapshot"]
    assert min(client.paused) > 9
    assert client.paused[0] <= 10


def test_what_is_not_there_is_not_asked_for_again() -> None:
    client = Told(problem(404, "not-found"))
    with pytest.raises(NotFoundError):
        next(client.follow_event("concert123"))
    assert len(client.asked) == 1


def test_a_booking_is_followed_to_its_end() -> None:
    booking = {"booking_id": "bk_1", "status": "paying", "version": 2}
    end = sent("change", "b-2", {**booking, "status": "confirmed"})
    told = list(Told(OPEN, sent("snapshot", "b-1", booking), end).follow_booking("bk_1"))
    assert [message.data.status for message in told if message.data] == ["paying", "confirmed"]
    assert list(Told(Answer(204, {}, b"")).follow_booking("bk_1")) == []


@pytest.mark.parametrize("then", [Heard(b": a heartbeat\n\n"), Lost(sent=False, why="ConnectError: ")])
def test_a_booking_is_followed_no_longer_than_it_was_asked_for(then: Heard | Lost) -> None:
    client = Told(OPEN, sent("snapshot", "b-1", {"booking_id": "bk_1", "status": "paying"}), then, takes_s=15)
    messages = list(client.follow_booking("bk_1", within_s=60))
    assert messages[0].data is not None
    assert {message.name for message in messages[1:]} <= {"interrupted"}
    assert 60 <= client.now_s <= 75
    assert client.asked[-1].timeout_s <= 60


def test_a_later_message_is_passed_on_and_a_broken_one_is_told() -> None:
    client = Told(OPEN, sent("encore", "d-8", {"loud": True}), sent("change", "d-9", {"event": 1}))
    stream = client.follow_event("concert123")
    assert next(stream) == Message("encore", None, '{"loud": true}', "d-8")
    with pytest.raises(UnexpectedError):
        next(stream)


def test_a_view_that_stands_still_is_stale_and_a_snapshot_takes_the_place_of_all() -> None:
    live = LiveEvent()
    messages = some(Told(OPEN, SNAPSHOT, sent("stale", "d-6", {"as_of": None})).follow_event("concert123"), 2)
    live.seats["Z9"] = "held"
    for message in messages:
        live.hear(message)
    assert not live.fresh
    assert "Z9" not in live.seats


def test_every_end_is_an_error_of_the_clients() -> None:
    for reply in (problem(403, "forbidden"), problem(500, "internal"), problem(400, "bad-request")):
        with pytest.raises(FrontrowError):
            next(Told(reply).follow_booking("bk_1"))
