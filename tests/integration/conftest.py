"""The real stores of integration tests, and a database, a topic or a key prefix of one's own in them.

A store is where ``FRONTROW_TEST_<STORE>`` says. A test whose store is missing fails; none is skipped.
"""

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pymongo import MongoClient

from infra.postgres.migrate import migrate


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A superuser's address."""
    return os.environ["FRONTROW_TEST_POSTGRES"]


@pytest.fixture(scope="session")
def mongo_url() -> str:
    return os.environ["FRONTROW_TEST_MONGO"]


@pytest.fixture(scope="session")
def _template(postgres_url: str) -> Iterator[str]:
    """A database that is migrated once, so that every test gets its copy in a tenth of a second."""
    name = f"template_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        migrate(make_conninfo(postgres_url, dbname=name), {})
        yield name
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def ledger(postgres_url: str, _template: str) -> Iterator[str]:
    """A freshly migrated ledger's conninfo, as superuser."""
    name = f"ledger_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_template))
        )
        yield make_conninfo(postgres_url, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def mongo_database(mongo_url: str) -> Iterator[tuple[str, str]]:
    """The server's address and the name of a database of one's own."""
    name = f"view_{uuid.uuid4().hex}"
    yield mongo_url, name
    with MongoClient[dict[str, object]](mongo_url) as client:
        client.drop_database(name)
