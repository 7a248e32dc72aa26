"""The log as a test looks at it: every message of a topic, from its beginning to its end at this moment."""

import uuid
from dataclasses import dataclass

from confluent_kafka import Consumer, TopicPartition

from contracts.commands import Command, Tick, decode
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, REQUEST_ID_HEADER

READ_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Logged:
    """One message; its headers as text."""

    partition: int
    offset: int
    key: bytes
    command: Command | Tick
    command_id: str
    request_id: str
    kind: str


def read(bootstrap: str, topic: str, partitions: int) -> list[Logged]:
    """Return all messages, partition by partition, in offset order."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": uuid.uuid4().hex, "enable.auto.commit": False})
    try:
        found: list[Logged] = []
        for partition in range(partitions):
            place = TopicPartition(topic, partition, 0)
            _, end = consumer.get_watermark_offsets(place, timeout=READ_WITHIN_S)
            consumer.assign([place])
            while end and (not found or found[-1].partition != partition or found[-1].offset < end - 1):
                for message in consumer.consume(10_000, 1.0 if end > 10_000 else 0.2):
                    assert message.error() is None, message.error()
                    headers = {name: _text(value) for name, value in dict(message.headers() or []).items()}
                    found.append(
                        Logged(
                            partition,
                            message.offset() or 0,
                            message.key() or b"",
                            decode(message.value() or b""),
                            headers[COMMAND_ID_HEADER],
                            headers[REQUEST_ID_HEADER],
                            headers[KIND_HEADER],
                        )
                    )
        return found
    finally:
        consumer.close()


def _text(value: str | bytes | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
