"""Real stores for integration tests, and in them a database, topic or key of each test's own.

``FRONTROW_TEST_POSTGRES`` (a superuser's URL), ``FRONTROW_TEST_REDIS``, ``FRONTROW_TEST_MONGO`` and
``FRONTROW_TEST_KAFKA`` name servers that run already; without them the session's own instance is started. A server that
is missing fails the test.
"""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pymongo import MongoClient

from infra.native.instance import STORES, Instance
from infra.native.postgres import OWNER
from infra.postgres.migrate import SERVICES, migrate
from infra.secrets.files import read
from tests.eventually import eventually

PARTITIONS = 4
TOPIC_CONFIG = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
ADMIN_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the servers are, as somebody who may do everything.

    PostgreSQL's passwords are not in the address but in a ``PGPASSFILE``, so that a test enters as another role by
    adding ``user=frontrow_worker`` to a conninfo.
    """

    postgres: str
    redis: str
    mongo: str
    kafka: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the test's own."""

    bootstrap: str
    name: str
    partitions: int
    topic_id: str


def _given() -> Stores | None:
    names = ("POSTGRES", "REDIS", "MONGO", "KAFKA")
    values = [os.environ.get(f"FRONTROW_TEST_{name}") for name in names]
    postgres, redis, mongo, kafka = values
    if postgres and redis and mongo and kafka:
        return Stores(postgres, redis, mongo, kafka)
    assert not any(values), "set all of FRONTROW_TEST_POSTGRES, _REDIS, _MONGO and _KAFKA, or none"
    return None


def _own(instance: Instance, passwords: Path) -> Stores:
    instance.start(STORES)
    home, ports = instance.home, instance.ports
    roles = {
        OWNER: "postgres",
        **{f"frontrow_{name}": name for name in SERVICES},
    }
    passwords.touch(mode=0o600)
    # Any port: some tests put a proxy before the server.
    passwords.write_text(
        "".join(f"127.0.0.1:*:*:{role}:{read(home, folder, 'postgres_password')}\n" for role, folder in roles.items())
    )
    os.environ["PGPASSFILE"] = str(passwords)
    redis, mongo = (read(home, store, f"{store}_password") for store in ("redis", "mongo"))
    return Stores(
        postgres=f"postgresql://{OWNER}@127.0.0.1:{ports.postgres}/postgres",
        redis=f"redis://:{redis}@127.0.0.1:{ports.redis}/0",
        mongo=f"mongodb://root:{mongo}@127.0.0.1:{ports.mongo}/?directConnection=true",
        kafka=f"127.0.0.1:{ports.kafka}",
    )


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stores:
    """The servers of this session."""
    passwords = tmp_path_factory.mktemp("postgres") / "pgpass"
    return _given() or _own(request.getfixturevalue("instance"), passwords)


@pytest.fixture(scope="session")
def postgres_url(stores: Stores) -> str:
    """A superuser's address."""
    return stores.postgres


@pytest.fixture(scope="session")
def mongo_url(stores: Stores) -> str:
    """The address of somebody who may do everything."""
    return stores.mongo


@pytest.fixture(scope="session")
def _ledger_template(stores: Stores) -> Iterator[str]:
    """One migrated database of the session, from which each test's own is copied in a moment."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(stores.postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        migrate(make_conninfo(stores.postgres, dbname=name), {})
        yield name
    finally:
        # A connection of its own: fault tests of the same session restart the server meanwhile.
        with psycopg.connect(stores.postgres, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def ledger(stores: Stores, _ledger_template: str) -> Iterator[str]:
    """Yield the conninfo, as the owner, of an empty migrated ledger of the test's own."""
    name = f"ledger_{uuid.uuid4().hex[:12]}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_ledger_template))
    with psycopg.connect(stores.postgres, autocommit=True) as connection:
        connection.execute(create)
        try:
            # A template's copy would have its incarnation: two ledgers that take each other for the same.
            conninfo = make_conninfo(stores.postgres, dbname=name)
            with psycopg.connect(conninfo) as own:
                own.execute("UPDATE ledger SET incarnation = gen_random_uuid()")
            yield conninfo
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def redis_url(stores: Stores) -> str:
    """Where Redis is; the test brings its own keys (event ids of its own, say)."""
    return stores.redis


@pytest.fixture
def mongo_database(stores: Stores) -> Iterator[tuple[str, str]]:
    """Yield server URL and name of an empty database of the test's own."""
    name = f"view_{uuid.uuid4().hex[:12]}"
    yield stores.mongo, name
    with MongoClient[dict[str, object]](stores.mongo) as client:
        client.drop_database(name)


@pytest.fixture
def topic(stores: Stores) -> Iterator[Topic]:
    """Yield an empty topic of the test's own."""
    name = f"requests_{uuid.uuid4().hex[:12]}"
    admin = AdminClient({"bootstrap.servers": stores.kafka})
    wanted = NewTopic(name, num_partitions=PARTITIONS, replication_factor=1, config=TOPIC_CONFIG)
    admin.create_topics([wanted])[name].result(ADMIN_TIMEOUT_S)
    topic_id = eventually(lambda: _topic_id(admin, name), within_s=ADMIN_TIMEOUT_S)
    yield Topic(stores.kafka, name, PARTITIONS, topic_id)
    admin.delete_topics([name])[name].result(ADMIN_TIMEOUT_S)


def make_anew(topic: Topic) -> None:
    """Delete a topic and make another one of its name."""
    admin = AdminClient({"bootstrap.servers": topic.bootstrap})
    admin.delete_topics([topic.name])[topic.name].result(ADMIN_TIMEOUT_S)
    wanted = NewTopic(topic.name, topic.partitions, 1, config=TOPIC_CONFIG)

    def made() -> None:
        try:
            admin.create_topics([wanted])[topic.name].result(ADMIN_TIMEOUT_S)
        except KafkaException as error:  # the deletion may still be under way
            raise AssertionError from error

    eventually(made)


def _topic_id(admin: AdminClient, name: str) -> str:
    """Return the topic's id; a broker may not know for a moment what its controller has just made."""
    try:
        return str(admin.describe_topics(TopicCollection([name]))[name].result(ADMIN_TIMEOUT_S).topic_id)
    except KafkaException as error:
        raise AssertionError(name) from error
