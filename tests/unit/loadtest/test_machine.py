"""Who has which processors while something is measured."""

import os
import subprocess

import pytest

from loadtest.bench.machine import halves, only


@pytest.mark.parametrize(
    ("processors", "first", "second"),
    [({0}, {0}, {0}), ({0, 1}, {0}, {1}), ({5, 3, 4}, {3, 4}, {5}), ({0, 1, 2, 3}, {0, 1}, {2, 3})],
)
def test_a_half_is_of_processors_that_the_other_has_not(
    processors: set[int], first: set[int], second: set[int]
) -> None:
    assert halves(processors) == (first, second)


def test_what_is_started_meanwhile_stays_where_it_was_started_and_we_do_not() -> None:
    before = os.sched_getaffinity(0)
    one = min(before)
    with only({one}), subprocess.Popen(["sleep", "60"]) as started:
        pass_on = os.sched_getaffinity(0)
        started_on = os.sched_getaffinity(started.pid)
        started.kill()
    assert (pass_on, started_on, os.sched_getaffinity(0)) == ({one}, {one}, before)
