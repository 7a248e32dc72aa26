"""A small platform without gateway and APIs: a worker and a projector over stores of the test's own."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contracts.commands import EventCommand, encode
from contracts.topics import COMMAND_ID_HEADER, partition_of
from infra.native.services import inherited
from tests.integration.conftest import Topic

CHECKOUT = Path(__file__).parents[3]


@contextmanager
def process(module: str, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service of ours until the block ends."""
    running = subprocess.Popen(
        [sys.executable, "-m", module], env={**inherited(), **env}, cwd=CHECKOUT, stdout=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(10)


@dataclass(frozen=True, slots=True)
class Platform:
    """``env``: the settings of the checker; ``worker`` runs with ``worker_env``."""

    topic: Topic
    ledger: str
    mongo: tuple[str, str]
    env: Mapping[str, str]
    worker: subprocess.Popen[bytes]
    worker_env: Mapping[str, str]

    def append(self, *commands: EventCommand) -> None:
        """Put commands on the log."""
        for command in commands:
            self.append_raw(command.event_id, encode(command), command.command_id)

    def append_raw(self, event_id: str, value: bytes, command_id: str) -> None:
        """Put whatever on the log."""
        producer = Producer({"bootstrap.servers": self.topic.bootstrap, "acks": "all"})
        partition = partition_of(event_id, self.topic.partitions)
        headers: list[tuple[str, str | bytes | None]] = [(COMMAND_ID_HEADER, command_id)]
        producer.produce(self.topic.name, key=event_id, value=value, partition=partition, headers=headers)
        assert producer.flush(10) == 0

    def audit(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the checker."""
        return subprocess.run(
            [sys.executable, "-m", "audit", *arguments],
            env={**inherited(), **self.env, **env},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def platform(topic: Topic, ledger: str, mongo_database: tuple[str, str], redis_url: str) -> Iterator[Platform]:
    common = {
        "FRONTROW_HTTP_HOST": "127.0.0.1",
        "FRONTROW_HTTP_PORT": "0",
        "FRONTROW_KAFKA_BOOTSTRAP": topic.bootstrap,
        "FRONTROW_TOPIC": topic.name,
        "FRONTROW_MONGO_URL": mongo_database[0],
        "FRONTROW_MONGO_DATABASE": mongo_database[1],
    }
    worker = {
        "FRONTROW_CONSUMER_GROUP": topic.name,
        "FRONTROW_WORKER_ID": f"{topic.name}-0",
        "FRONTROW_REDIS_URL": redis_url,
    }

    def as_role(service: str) -> dict[str, str]:
        return {"FRONTROW_POSTGRES_URL": f"{ledger} user=frontrow_{service}"}

    with ExitStack() as running:
        worker |= common | as_role("worker")
        started = running.enter_context(process("worker", worker))
        running.enter_context(process("sync_service", common | as_role("sync_service")))
        yield Platform(topic, ledger, mongo_database, common | as_role("audit"), started, worker)
