"""Streams while processes die and MongoDB restarts: whoever listens ends with what the view shows, never led back."""

import signal

import pytest

from loadtest.listeners import Listeners
from tests.eventually import eventually
from tests.faults.stream import Stream
from tests.frontrow import Frontrow
from tests.stalls import stretched
from tests.streams import agree_with_the_view, listen

LISTENERS = 20
STALE_WITHIN_S = 10.0


@pytest.mark.parametrize(
    ("victim", "how"),
    [
        ("read_api", signal.SIGKILL),
        pytest.param("read_api", signal.SIGTERM, marks=pytest.mark.long),
        pytest.param("sync_service", signal.SIGKILL, marks=pytest.mark.long),
        ("mongo", signal.SIGKILL),
    ],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_whoever_listens_ends_with_what_the_view_shows(frontrow: Frontrow, victim: str, how: signal.Signals) -> None:
    bookings = Stream(frontrow)
    with listen(frontrow, f"/api/events/{bookings.event_id}/stream", LISTENERS) as crowd:
        with bookings:
            eventually(lambda: _heard_more(crowd, [2] * LISTENERS))
            frontrow.instance.kill(victim, how)
            heard = [len(listener.heard) for listener in crowd.all]
            before = bookings.accepted()
            eventually(lambda: bookings.has_accepted(before + 30))
            crowd.hang_up(0.3)
            eventually(lambda: _heard_more(crowd, heard))
        frontrow.outcome(bookings.newest())
        agree_with_the_view(frontrow, bookings.event_id, crowd)


@pytest.mark.parametrize("program", ["mongo", "sync_service"])
def test_a_stream_that_nothing_can_come_of_says_so_stays_open_and_goes_on(frontrow: Frontrow, program: str) -> None:
    event_id = frontrow.new_event()
    with listen(frontrow, f"/api/events/{event_id}/stream", LISTENERS) as crowd:
        eventually(lambda: _heard_more(crowd, [0] * LISTENERS))
        frontrow.instance.stop_program(program)
        booking_id = frontrow.accept(event_id, "A1")
        eventually(lambda: _were_told(crowd, "stale"), within_s=stretched(STALE_WITHIN_S))
        frontrow.instance.start_program(program)
        eventually(lambda: _were_told(crowd, "fresh"))
        frontrow.outcome(booking_id)
        agree_with_the_view(frontrow, event_id, crowd)
        assert {tuple(listener.statuses) for listener in crowd.all} == {(200,)}, "nobody had to come back"


def _heard_more(crowd: Listeners, than: list[int]) -> None:
    now = [len(listener.heard) for listener in crowd.all]
    assert all(is_now > was for is_now, was in zip(now, than, strict=True)), now


def _were_told(crowd: Listeners, name: str) -> None:
    assert all(name in {message.name for message in listener.heard} for listener in crowd.all)
