"""Reads the log from its beginning, without a group, so that nobody's offsets move."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka import Message as Consumed
from confluent_kafka.admin import AdminClient

from audit.history import Log, Message
from worker.entries import headers_of

TIMEOUT_S: Final = 10.0
"""How long the broker may be silent before the log counts as unreadable."""
BATCH: Final = 2_000


class LogAwayError(Exception):
    """The broker cannot be reached, or the topic is not there."""


class LogReader:
    """One topic. ``topic_id`` tells it from another topic that had its name before."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.topic = topic
        self._admin: AdminClient | None = None
        self._config: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "group.id": "audit",  # the client insists on a name; with assign and no commit there is no group
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "allow.auto.create.topics": False,
            "fetch.wait.max.ms": 10,
            "queued.max.messages.kbytes": 16_384,  # bounds what is fetched ahead of the walk
            "log_level": 0,
            "error_cb": _silent,
        }
        try:
            self.topic_id, self.partitions = self._describe()
        except KafkaException as error:
            raise LogAwayError(_say(error)) from error

    def current_topic_id(self) -> str:
        """Return the id of the topic that has the name now."""
        try:
            return self._describe()[0]
        except KafkaException as error:
            raise LogAwayError(_say(error)) from error

    def _describe(self) -> tuple[str, list[int]]:
        # error_cb and level: the client would print its troubles to standard error; the caller hears of them anyway.
        settings: dict[str, Any] = {
            "bootstrap.servers": self._config["bootstrap.servers"],
            "error_cb": _silent,
            "log_level": 0,
        }
        if self._admin is None:
            self._admin = AdminClient(settings)
        # First whether anybody answers: the other request, unanswered, would end the process (``worker/consumer.py``).
        self._admin.list_topics(self.topic, TIMEOUT_S)
        asked = self._admin.describe_topics(TopicCollection([self.topic]), request_timeout=TIMEOUT_S)
        described = asked[self.topic].result(TIMEOUT_S)
        return str(described.topic_id), sorted(partition.id for partition in described.partitions)

    def bounds(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return the first offset that is kept and the next one to be written, by partition."""
        first, end = {}, {}
        consumer = self.consumer()
        try:
            for partition in self.partitions:
                at = TopicPartition(self.topic, partition)
                first[partition], end[partition] = consumer.get_watermark_offsets(at, timeout=TIMEOUT_S)
        except KafkaException as error:
            raise LogAwayError(_say(error)) from error
        finally:
            consumer.close()
        return first, end

    def log(self, end: Mapping[int, int], decided_to: Mapping[int, int]) -> Log:
        """Return the log; each partition is readable up to what was decided or ``end``, whatever is further."""
        first, _ = self.bounds()
        messages = {
            partition: _Partition(self, partition, max(end.get(partition, 0), decided_to.get(partition, 0)))
            for partition in self.partitions
        }
        return Log(messages, first, end)

    def read(self, partition: int, first: int, end: int) -> Iterator[Message]:
        """Yield the messages of one partition from ``first`` up to, without, ``end``."""
        consumer = self.consumer()
        try:
            consumer.assign([TopicPartition(self.topic, partition, first)])
            position = first
            while position < end:
                # All that is asked for is there already, so this waits for the network and not for the time-out.
                batch = consumer.consume(min(BATCH, end - position), TIMEOUT_S)
                if not batch:
                    msg = f"the broker sent nothing of partition {partition} for {TIMEOUT_S:g} s"
                    raise LogAwayError(msg)
                for consumed in batch:
                    error = consumed.error()
                    if error is not None:
                        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's own name
                            return
                        raise LogAwayError(error.str())
                    message = message_of(partition, consumed)
                    position = message.offset + 1
                    if message.offset < end:
                        yield message
        finally:
            consumer.close()

    def consumer(self, **settings: object) -> Consumer:
        """Return a new consumer, which belongs to no group, with some settings of its own."""
        return Consumer(self._config | {name.replace("_", "."): value for name, value in settings.items()})


class _Partition:
    """One partition's messages, walkable again and again."""

    def __init__(self, reader: LogReader, partition: int, end: int) -> None:
        self._reader = reader
        self._partition = partition
        self._end = end

    def __iter__(self) -> Iterator[Message]:
        first, _ = self._reader.bounds()
        return self._reader.read(self._partition, first[self._partition], self._end)


def message_of(partition: int, consumed: Consumed) -> Message:
    """Return what was consumed, as the checker wants it."""
    key = consumed.key()
    return Message(
        partition,
        consumed.offset() or 0,
        consumed.timestamp()[1],
        key.encode() if isinstance(key, str) else key,
        consumed.value(),
        headers_of(consumed).pairs,
    )


def _say(error: KafkaException) -> str:
    return str(error.args[0].str() if error.args and isinstance(error.args[0], KafkaError) else error)


def _silent(_error: KafkaError) -> None:
    return
