"""Processes killed and stores restarted while bookings stream in: nothing accepted is lost, nothing is told wrongly."""

import signal
import time

import pytest

from tests.eventually import eventually
from tests.faults.stream import Stream
from tests.frontrow import Frontrow
from tests.stalls import stretched

FLOWS_AGAIN_WITHIN_S = 5.0
AWAY_S = 10.0
"""Long enough for several questions of the worker to be given up, of which one that is answered late may be the end."""


def test_after_kill_9_of_the_worker_outcomes_flow_again_within_five_seconds(frontrow: Frontrow) -> None:
    with Stream(frontrow) as stream:
        eventually(lambda: stream.has_accepted(20))
        frontrow.outcome(stream.newest())
        frontrow.instance.kill("worker", signal.SIGKILL)
        booking_id = frontrow.accept(stream.event_id, "A1")
        frontrow.outcome(booking_id, within_s=stretched(FLOWS_AGAIN_WITHIN_S))
    stream.check()


def test_after_kill_9_of_the_projector_the_view_is_complete_again(frontrow: Frontrow) -> None:
    with Stream(frontrow) as stream:
        eventually(lambda: stream.has_accepted(20))
        frontrow.instance.kill("sync_service", signal.SIGKILL)
        before = stream.accepted()
        eventually(lambda: stream.has_accepted(before + 20))
        frontrow.outcome(stream.newest())
    stream.check()


def test_after_kill_9_of_the_write_api_every_accepted_booking_has_its_outcome(frontrow: Frontrow) -> None:
    with Stream(frontrow) as stream:
        eventually(lambda: stream.has_accepted(50))
        frontrow.instance.kill("write_api", signal.SIGKILL)
        before = stream.accepted()
        eventually(lambda: stream.has_accepted(before + 50))
        frontrow.outcome(stream.newest())
    # The gateway lost its upstream, or found none: it cannot know what became of the request.
    stream.check("outcome-unknown", "log-unavailable", "overloaded")


def test_after_kill_9_of_the_log_it_takes_bookings_again_and_nobody_else_died(frontrow: Frontrow) -> None:
    with Stream(frontrow) as stream:
        eventually(lambda: stream.has_accepted(20))
        deaths_before = frontrow.instance.restarts()
        frontrow.instance.kill("kafka", signal.SIGKILL)
        frontrow.instance.stop_program("kafka")  # or it would be back before anybody has given up asking
        time.sleep(AWAY_S)
        frontrow.instance.start_program("kafka")
        before = stream.accepted()
        eventually(lambda: stream.has_accepted(before + 20))
        newest = stream.newest()
    frontrow.outcome(newest)
    stream.check("log-unavailable", "outcome-unknown", "overloaded")
    deaths = frontrow.instance.restarts()
    assert {name for name in deaths if deaths[name] != deaths_before.get(name, 0)} <= {"kafka"}


@pytest.mark.long  # test_run kills them under load, test_stores_away has them away
@pytest.mark.parametrize("store", ["redis", "mongo", "postgres", "kafka"])
def test_a_store_restarts_while_bookings_stream_in(frontrow: Frontrow, store: str) -> None:
    with Stream(frontrow) as stream:
        eventually(lambda: stream.has_accepted(20))
        frontrow.instance.restart(store)
        before = stream.accepted()
        eventually(lambda: stream.has_accepted(before + 20))
        newest = stream.newest()
    frontrow.outcome(newest)
    stream.check(*(("log-unavailable", "outcome-unknown", "overloaded") if store == "kafka" else ()))
