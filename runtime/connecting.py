"""Connecting to PostgreSQL: a server that vanished is noticed, and an attempt that is given up leaves nothing open.

Every service that connects does it with both; what runs once and ends needs none of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import clear_frames

import psycopg
from psycopg.conninfo import make_conninfo


def watched(conninfo: str) -> str:
    """Return ``conninfo`` for a connection that ends some 5 s after its server vanished without a word.

    The kernel alone would wait for minutes, and with it what is held open: a batch, a lock, a place in a pool.
    """
    return make_conninfo(conninfo, keepalives_idle=2, keepalives_interval=1, keepalives_count=3, tcp_user_timeout=5_000)


@contextmanager
def leaving_nothing_open() -> Iterator[None]:
    """Let go of the socket of a connection that did not come about.

    After a time-out psycopg (3.3) leaves it to a cycle of its own frames, until cycles are looked for, which is seldom
    here; and a server that is told to stop waits for whoever has begun to connect, up to a minute (its
    ``authentication_timeout``). Without their locals the frames keep nothing
    (test: ``test_an_attempt_that_was_given_up_leaves_nothing_open``).
    """
    try:
        yield
    except psycopg.Error as error:
        clear_frames(error.__traceback__)
        raise
