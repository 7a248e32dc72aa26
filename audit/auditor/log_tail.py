"""The log as the auditor reads it: behind the worker, every partition in its order, a bounded number ahead.

``follower`` enters here. Without a group, so that nobody's offsets move. The broker away raises ``LogAwayError``; the
reader is then of no more use.
"""

from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from audit.history import Message
from audit.load_log import LogAwayError, LogReader, message_of

MOST_AHEAD: Final = 1_000
"""Messages of one partition that are here and not replayed: a second's worth at a thousand a second, at most some
twenty MB of the largest ones."""
FETCH_WAIT_MS: Final = 50
"""How long the broker may wait for ``FETCH_BYTES``. A partition that goes on is asked for only with the next question,
so while half of the partitions have nothing new this bounds how fast the others are caught up with: with 500 ms it was
600 messages a second, less than may come. Twenty questions a second cost the broker nothing."""
FETCH_BYTES: Final = 65_536
"""Some two hundred bookings: with less at hand the broker waits for as long as it may, not to answer each append."""
AT_ONCE: Final = 500
SAID_NOTHING_S: Final = 10.0


class LogTail(AbstractContextManager["LogTail"]):
    """Reads on from ``positions``, partition to offset, of the topic that ``reader`` knows."""

    def __init__(self, reader: LogReader, positions: Mapping[int, int]) -> None:
        self._topic = reader.topic
        self._ahead: dict[int, deque[Message]] = {partition: deque() for partition in positions}
        self._paused: set[int] = set()
        self._consumer: Consumer = reader.consumer(
            enable_partition_eof=False,
            fetch_min_bytes=FETCH_BYTES,
            fetch_wait_max_ms=FETCH_WAIT_MS,
            queued_min_messages=MOST_AHEAD,
            queued_max_messages_kbytes=4_096,
        )
        self._consumer.assign([TopicPartition(self._topic, *place) for place in positions.items()])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def next(self, partition: int) -> Message | None:
        """Return the next message of a partition that is here; it stays the next one until it is taken."""
        ahead = self._ahead[partition]
        return ahead[0] if ahead else None

    def take(self, partition: int) -> Message:
        """Take the next message."""
        ahead = self._ahead[partition]
        message = ahead.popleft()
        if partition in self._paused and len(ahead) < MOST_AHEAD // 2:
            self._paused.discard(partition)
            self._consumer.resume([TopicPartition(self._topic, partition)])
        return message

    def waiting(self, partition: int) -> deque[Message]:
        """Return what is here of a partition, in order."""
        return self._ahead[partition]

    def fetch(self, wait_s: float) -> int:
        """Take in what has come, waiting at most ``wait_s`` for something; returns how many messages came.

        Raises:
            LogAwayError: the broker cannot be reached, or has no such place any more.
        """
        try:
            first = self._consumer.poll(wait_s)
            found = [] if first is None else [first, *self._consumer.consume(AT_ONCE, 0)]
        except KafkaException as away:
            raise LogAwayError(str(away)) from away
        for consumed in found:
            error = consumed.error()
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's own name
                    continue
                raise LogAwayError(error.str())
            partition = consumed.partition() or 0
            ahead = self._ahead[partition]
            ahead.append(message_of(partition, consumed))
            if len(ahead) >= MOST_AHEAD and partition not in self._paused:
                self._paused.add(partition)
                self._consumer.pause([TopicPartition(self._topic, partition)])
        return len(found)
