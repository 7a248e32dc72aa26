"""Work in a process of its own: asked through a pipe, within a bound, and ended with its block."""

import time
from multiprocessing.connection import Connection

import pytest

from loadtest.bench.apart import Apart


def double(pipe: Connection, first: int) -> None:
    """Say something, then twice of what comes; 0: nothing."""
    pipe.send(first)
    while True:
        asked = pipe.recv()
        if asked:
            pipe.send(2 * asked)


def silent(_pipe: Connection) -> None:
    time.sleep(60)


def test_a_question_is_answered_or_is_too_late() -> None:
    with Apart(double, 1) as apart:
        assert apart.ask(3, 20) == 6
        with pytest.raises(TimeoutError, match=r"double said nothing within 0\.1 s"):
            apart.ask(0, 0.1)


def test_what_never_becomes_ready_is_ended() -> None:
    apart = Apart(silent, ready_within_s=0.1)
    with pytest.raises(TimeoutError, match="silent said nothing"):
        apart.__enter__()
    assert not apart._process.is_alive()  # noqa: SLF001 - whether it is left behind
