"""A ledger that a worker writes, webhooks in it, and the follower that tells them."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.integration.webhooks.following import Decided, Sql
from worker.ledger import Ledger


@pytest.fixture
def sql(ledger: str) -> Iterator[Sql]:
    """A session in the ledger, as superuser, that commits each statement."""
    with psycopg.connect(ledger, autocommit=True) as connection:
        yield connection


@pytest.fixture
def decided(ledger: str) -> Iterator[Decided]:
    """Decides logs as a worker does, without a broker."""
    with closing(Ledger(make_conninfo(ledger, user="frontrow_worker"))) as writer:
        yield Decided(writer)


@pytest.fixture
def as_webhooks(ledger: str) -> str:
    """How this room enters the ledger."""
    return make_conninfo(ledger, user="frontrow_webhooks")
