"""Workers against real stores: each test has a log and a ledger of its own, and as many workers as it starts."""

from collections.abc import Iterator

import pytest

from tests.integration.conftest import Topic
from tests.integration.worker.log import Log
from tests.integration.worker.records import Records
from tests.integration.worker.running import Workers


@pytest.fixture
def log(topic: Topic) -> Log:
    """The test's own log."""
    return Log(topic.bootstrap, topic.name, topic.partitions)


@pytest.fixture
def records(ledger: str) -> Iterator[Records]:
    """What is in the test's own ledger."""
    with Records.at(ledger) as records:
        yield records


@pytest.fixture
def workers(topic: Topic, ledger: str, redis_url: str) -> Iterator[Workers]:
    """Start workers here; all are stopped when the test ends, and one that died fails it."""
    workers = Workers(topic, ledger, redis_url)
    yield workers
    workers.stop()
