"""The bench's side of the log: messages appended in bulk, and topics of its own, made and deleted.

Never the topic of a platform that somebody uses.
"""

import uuid
from collections.abc import Iterable
from typing import Final, Self

from confluent_kafka import KafkaError, Producer
from confluent_kafka import Message as Delivered
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from loadtest.bench.backlog import Message
from runtime.kafka import producer_config

_ADMIN_TIMEOUT_S: Final = 20.0
_FLUSH_TIMEOUT_S: Final = 60.0
_IN_FLIGHT: Final = 250_000
"""More than one drain's backlog, so that appending it is one burst."""


class Appender:
    """Appends messages to one topic, and knows where its own last one is in each partition."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._topic = topic
        self._producer = Producer(
            producer_config(bootstrap, "bench")
            | {
                "linger.ms": 20,
                "batch.size": 1_000_000,
                "queue.buffering.max.messages": _IN_FLIGHT,
                "queue.buffering.max.kbytes": 1_000_000,
                "delivery.timeout.ms": int(_FLUSH_TIMEOUT_S * 1000),
            }
        )
        self._next = dict.fromkeys(range(partitions), 0)
        self._errors: list[KafkaError] = []

    def append(self, messages: Iterable[Message]) -> dict[int, int]:
        """Append them all and return, by partition, the offset that follows the last message of this appender.

        Raises:
            RuntimeError: the broker did not acknowledge every one of them.
        """
        for message in messages:
            self._producer.produce(
                self._topic,
                value=message.value,
                key=message.key,
                partition=message.partition,
                headers=message.headers,
                on_delivery=self._delivered,
            )
        if self._producer.flush(_FLUSH_TIMEOUT_S) or self._errors:
            msg = f"the log did not take the whole backlog: {self._errors[:1]}"
            raise RuntimeError(msg)
        return dict(self._next)

    def _delivered(self, error: KafkaError | None, message: Delivered) -> None:
        if error is not None:
            self._errors.append(error)
            return
        partition, offset = message.partition(), message.offset()
        if partition is not None and offset is not None:
            self._next[partition] = max(self._next[partition], offset + 1)


class BenchTopic:
    """A topic of a random name on the log at ``bootstrap``; a context manager that deletes it again."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        self.name = f"bench_{uuid.uuid4().hex[:12]}"
        self.partitions = partitions
        self._admin = AdminClient({"bootstrap.servers": bootstrap})
        self._appender = Appender(bootstrap, self.name, partitions)

    def __enter__(self) -> Self:
        config = {"retention.ms": "-1", "message.timestamp.type": "LogAppendTime"}
        topic = NewTopic(self.name, num_partitions=self.partitions, replication_factor=1, config=config)
        self._admin.create_topics([topic])[self.name].result(_ADMIN_TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.delete_topics([self.name])[self.name].result(_ADMIN_TIMEOUT_S)

    def append(self, messages: Iterable[Message]) -> dict[int, int]:
        """Append them all; see ``Appender.append``."""
        return self._appender.append(messages)
