"""What an observer waits for: the bookings that it is asked for, however many others it sees."""

import multiprocessing
import time

from loadtest.bench.observers import Sight


def test_bookings_of_others_do_not_stand_for_those_that_are_asked_for() -> None:
    here, there = multiprocessing.Pipe()
    sight = Sight(there)
    sight.seen.update({"bk_1": 1.0, "bk_stray": 1.1})
    assert sight.goes_on(), "nobody has asked yet"
    here.send((["bk_1", "bk_2"], time.monotonic() + 60))
    assert sight.goes_on()
    assert not here.poll()
    sight.seen["bk_2"] = 2.0
    assert not sight.goes_on()
    assert here.recv() == {"bk_1": 1.0, "bk_stray": 1.1, "bk_2": 2.0}


def test_what_is_not_seen_in_time_is_waited_for_no_longer() -> None:
    here, there = multiprocessing.Pipe()
    sight = Sight(there)
    here.send((["bk_1"], time.monotonic() - 1))
    assert not sight.goes_on()
    assert here.recv() == {}


def test_where_nothing_was_accepted_there_is_nothing_to_wait_for() -> None:
    here, there = multiprocessing.Pipe()
    here.send(([], time.monotonic() + 60))
    assert not Sight(there).goes_on()
    assert here.recv() == {}
