"""A running write API on the session's log; and, for tests that hurt the log, a broker of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from confluent_kafka.admin import AdminClient

from tests.integration.conftest import PARTITIONS, Stores, Topic
from tests.integration.write_api import log
from tests.integration.write_api.broker import Broker, new_topic
from tests.integration.write_api.process import WriteApi, environment


@dataclass(frozen=True, slots=True)
class Log:
    """A topic and how to read it."""

    bootstrap: str
    topic: str

    def read(self) -> list[log.Logged]:
        return log.read(self.bootstrap, self.topic, PARTITIONS)


@pytest.fixture
def requests(topic: Topic) -> Log:
    """The log of a test: a fresh topic on the session's broker."""
    return Log(topic.bootstrap, topic.name)


@pytest.fixture(scope="module")
def module_requests(stores: Stores) -> Iterator[Log]:
    """The log of a module's tests, which share one service."""
    name = new_topic(stores.kafka, PARTITIONS)
    yield Log(stores.kafka, name)
    admin = AdminClient({"bootstrap.servers": stores.kafka})
    admin.delete_topics([name])[name].result(20)


@pytest.fixture(scope="module")
def write_api(module_requests: Log, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WriteApi]:
    """A module's write API, ready."""
    folder = tmp_path_factory.mktemp("write_api")
    env = environment(folder, module_requests.bootstrap, module_requests.topic, PARTITIONS)
    with WriteApi(env, folder / "log") as started:
        started.wait_until_ready()
        yield started


@pytest.fixture(scope="module")
def client(write_api: WriteApi) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=write_api.url, timeout=5) as opened:
        yield opened


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory, stores: Stores) -> Iterator[Broker]:
    """A broker to be hurt. ``stores`` first: what a machine lacks is installed once, there."""
    del stores
    started = Broker(tmp_path_factory.mktemp("broker"))
    yield started
    started.end()


@pytest.fixture
def fragile(broker: Broker) -> Log:
    """The log of a test on the broker that may be hurt."""
    return Log(broker.bootstrap, new_topic(broker.bootstrap, PARTITIONS))
