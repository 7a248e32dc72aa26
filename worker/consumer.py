"""The consumer: hands out the log's messages, in order, from where the ledger says.

Kafka's group only says who owns a partition; how far it is decided is the ledger's word (``kafka_offsets``, by topic
id), so a partition that was assigned gives nothing until ``place`` has said where it starts. Offsets committed to Kafka
are for its tools alone and never read. Messages come back exactly in offset order without a gap: what the client leaves
out is read again, and what the log does not have raises.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

from confluent_kafka import (
    OFFSET_END,
    TIMESTAMP_LOG_APPEND_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from worker import metrics
from worker.marks import mark_of

METADATA_TIMEOUT_S: Final = 2.0
ANSWERS_WITHIN_S: Final = 1.0

MOST_REREADS: Final = 5
"""How often a message may be missing where the log should have it before the log itself must have lost it. The client
once left one out by itself, as the group changed after a broker had been frozen."""
CHECK_TOPIC_EVERY_S: Final = 5.0
"""How long it may go unnoticed that the topic was made anew below us. No message tells; stop the workers before."""

_log = logging.getLogger(__name__)


class LogError(Exception):
    """The log is not the one that the ledger knows; going on would decide it wrongly. Ends the process."""


def place_of(message: Message) -> tuple[int, int]:
    """Return partition and offset of a message that came from the broker, so that it has both."""
    return message.partition(), message.offset()  # type: ignore[return-value]


class LogConsumer:
    """One member of the worker's group. Not for two threads; callbacks of the group run inside ``gather``."""

    def __init__(self, config: Mapping[str, Any], topic: str) -> None:
        self.topic = topic
        self._group: str = config["group.id"]
        self._member: str = config["group.instance.id"]
        self._consumer = Consumer({**config, "logger": _log})
        self._admin = AdminClient({"bootstrap.servers": config["bootstrap.servers"]}, logger=_log)
        self._next: dict[int, int] = {}
        self._marks: dict[int, str] = {}
        """Partitions whose first message is to be the last one that was decided, and the mark that it must have."""
        self._unplaced: set[int] = set()
        self._rereads: dict[int, tuple[int, int]] = {}
        """For each partition, which offset was not given last, and how often it was asked for again."""
        self._left_out: set[int] = set()
        """Partitions of which the rest of what is gathered now is not taken: it comes again, after what is missing."""
        self._kept: list[Message] = []
        self._paused = False
        self._checked_at = 0.0
        self.polled_at = 0.0
        """When this member last polled, on the monotonic clock: the group takes it for dead if it does not."""
        self.topic_id: str | None = None
        self.partitions = 0
        self._answered = False
        self.stands_by = False
        """Whether others own every partition, as the group last said: owning none is then as it should be."""

    @property
    def unplaced(self) -> frozenset[int]:
        """Partitions that are ours and wait for ``place``."""
        return frozenset(self._unplaced)

    @property
    def placed(self) -> frozenset[int]:
        """Partitions that are ours and give messages."""
        return frozenset(self._next)

    def find_topic(self) -> bool:
        """Look for the topic, and join the group once it is there; returns whether it is.

        On a first start the worker may be here before the topic is: that is waiting, not a fault.
        """
        description = self._describe()
        if description is None:
            return False
        self.topic_id, self.partitions = description
        self._consumer.subscribe(
            [self.topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
        )
        return True

    def check_topic(self) -> None:
        """Make sure, now and then, that the topic is still the one that we joined.

        Raises:
            LogError: it was made anew. Our offsets mean nothing on it; a new start begins it at its beginning.
        """
        if time.monotonic() - self._checked_at < CHECK_TOPIC_EVERY_S:
            return
        self._checked_at = time.monotonic()
        self._must_be_ours()

    def _must_be_ours(self) -> None:
        topic_id, _partitions = self._describe() or (self.topic_id, 0)
        if topic_id != self.topic_id:
            msg = f"the topic was {self.topic_id}, and is {topic_id} now"
            raise LogError(msg)

    def ask_group(self) -> None:
        """Ask, while we own no partition, whether others own them all (there are more workers than partitions).

        Not before the group has given us what it has for us, if only nothing: the question would hold up our joining.
        """
        self.stands_by = self._answered and not self._next and not self._unplaced and self._others_own_all()

    def _others_own_all(self) -> bool:
        if not self._log_answers():
            return False
        found = self._admin.describe_consumer_groups([self._group], request_timeout=METADATA_TIMEOUT_S)
        try:
            group = found[self._group].result(METADATA_TIMEOUT_S + 1)
        except (KafkaException, TimeoutError) as error:
            _log.info("cannot ask the group", extra={"cause": str(error)})
            return False
        members = {member.group_instance_id: member.assignment.topic_partitions for member in group.members}
        ours = members.pop(self._member, None)
        owned = {tp.partition for assigned in members.values() for tp in assigned if tp.topic == self.topic}
        return ours is not None and len(owned) == self.partitions

    def _describe(self) -> tuple[str, int] | None:
        """Return the topic's id and number of partitions, or None when there is no such topic, or no broker."""
        if not self._log_answers():
            return None
        found = self._admin.describe_topics(TopicCollection([self.topic]), request_timeout=METADATA_TIMEOUT_S)
        try:
            description = found[self.topic].result(METADATA_TIMEOUT_S + 1)
        except (KafkaException, TimeoutError) as error:
            _log.info("waiting for the topic", extra={"topic": self.topic, "cause": str(error)})
            return None
        return str(description.topic_id), len(description.partitions)

    def _log_answers(self) -> bool:
        """Whether a broker answers, which is asked before anything else is asked of the admin client.

        A request to it that nobody answers in time ends the process once the broker is back (librdkafka 2.16, issue
        4605; test: ``test_after_kill_9_of_the_log_it_takes_bookings_again_and_nobody_else_died``). It may still happen
        with a broker that falls silent between the two questions; who died of it is started again.
        """
        try:
            self._admin.list_topics(self.topic, ANSWERS_WITHIN_S)
        except KafkaException as error:
            _log.info("the log does not answer", extra={"cause": str(error)})
            return False
        return True

    def gather(self, limit: int, wait_s: float, linger_s: float) -> list[Message]:
        """Return at most ``limit`` messages: the first within ``wait_s``, more for ``linger_s`` after it.

        ``consume(n, t)`` would wait all of ``t`` even with messages at hand: so one ``poll``, then what is there.
        """
        self.polled_at = time.monotonic()
        messages, self._kept = self._kept, []
        self._left_out.clear()
        if not messages:
            first = self._consumer.poll(wait_s)
            if first is None:
                return []
            messages.append(first)
        deadline = time.monotonic() + linger_s
        while len(messages) < limit:
            messages += self._consumer.consume(limit - len(messages), 0)
            remaining = deadline - time.monotonic()
            if len(messages) >= limit or remaining <= 0:
                break
            another = self._consumer.poll(remaining)
            if another is not None:
                messages.append(another)
        return [message for message in messages if self._in_order(message)]

    def place(self, places: Mapping[int, tuple[int, str | None]]) -> None:
        """Start these partitions at these offsets, dropping whatever was fetched of them before.

        With each offset comes the mark of the message before it, if one was decided: that message is read again, and
        the next ``gather`` compares. A log that lost its end and has grown past our place again would else be taken
        for the one that we know (test: ``test_a_worker_stops_loudly_when_the_log_lost_its_end_and_grew_again``).

        Raises:
            LogError: the log begins after an offset, or ends before it, or is another one.
            KafkaException: the broker did not answer; the partitions stay unplaced.
        """
        mine, marks = dict[int, int](), dict[int, str]()
        for partition, (offset, mark) in places.items():
            if partition not in self._unplaced and partition not in self._next:
                continue
            low, high = self._consumer.get_watermark_offsets(
                TopicPartition(self.topic, partition), timeout=METADATA_TIMEOUT_S
            )
            if not low <= offset <= high:
                self._must_be_ours()  # where it is not, that says more
                msg = f"partition {partition} holds offsets {low} to {high}, and {offset} is to be decided next"
                raise LogError(msg)
            mine[partition] = offset
            if mark is not None and offset > low:
                mine[partition], marks[partition] = offset - 1, mark
        self._read_from(mine)
        self._unplaced -= mine.keys()
        self._next.update(mine)
        self._marks = {p: mark for p, mark in self._marks.items() if p not in mine} | marks
        self._kept = [message for message in self._kept if message.partition() not in mine]

    def unplace(self, partitions: Iterable[int]) -> None:
        """Give nothing more of these partitions until ``place`` says anew where they start, if they are still ours."""
        for partition in partitions:
            if self._next.pop(partition, None) is not None:
                self._unplaced.add(partition)

    def keep_alive(self, wait_s: float) -> None:
        """Poll without taking messages, so that the group does not think us dead while PostgreSQL is away."""
        if owned := [TopicPartition(self.topic, p) for p in self._next]:
            self._consumer.pause(owned)
        self._paused = True
        self.polled_at = time.monotonic()
        message = self._consumer.poll(wait_s)
        if message is not None:
            self._kept.append(message)

    def go_on(self) -> None:
        """Take messages again, if ``keep_alive`` stopped that."""
        if self._paused and self._next:
            self._consumer.resume([TopicPartition(self.topic, p) for p in self._next])
        self._paused = False

    def note_decided(self, offsets: Mapping[int, int]) -> None:
        """Tell Kafka's tools how far we are. Best effort: nobody reads it to decide anything."""
        marks = [TopicPartition(self.topic, p, offset) for p, offset in offsets.items() if p in self._next]
        try:
            if marks:
                self._consumer.commit(offsets=marks, asynchronous=True)
        except KafkaException as error:
            _log.debug("offsets not noted", extra={"cause": str(error)})

    def lag(self) -> int:
        """Return how many messages of our partitions were not handed out yet, as far as is known without asking."""
        behind = 0
        for partition, offset in self._next.items():
            try:
                _low, high = self._consumer.get_watermark_offsets(TopicPartition(self.topic, partition), cached=True)
            except KafkaException:
                continue
            behind += max(0, high - offset)
        return behind

    def close(self) -> None:
        """Stop; a static member keeps its place in the group, so its successor is back at once."""
        self._consumer.close()

    def _in_order(self, message: Message) -> bool:
        error = message.error()
        if error is not None:
            self._heed(error)
            return False
        partition, offset = place_of(message)
        expected = self._next.get(partition)
        if expected is None:
            return False  # revoked, or not placed yet: whoever owns it reads it from where the ledger says
        if offset != expected:
            self._read_again(partition, expected, offset)
            return False
        if message.timestamp()[0] != TIMESTAMP_LOG_APPEND_TIME:
            msg = "the topic does not stamp messages itself (message.timestamp.type is not LogAppendTime)"
            raise LogError(msg)
        self._next[partition] = offset + 1
        return partition not in self._marks or self._is_new(message, self._marks.pop(partition))

    def _read_again(self, partition: int, expected: int, given: int) -> None:
        """Ask for what was left out; what was handed out before it waits to be decided, and stays.

        Raises:
            LogError: the topic was made anew, or the log does not have it, however often it is asked.
        """
        if partition in self._left_out:
            return
        self._left_out.add(partition)
        self._must_be_ours()
        msg = f"partition {partition} gives offset {given}, and {expected} is to be decided next"
        missing, times = self._rereads.get(partition, (expected, 0))
        times = times + 1 if missing == expected else 1
        if times > MOST_REREADS:
            raise LogError(msg)
        self._rereads[partition] = expected, times
        metrics.RETRIES.labels("left_out").inc()
        _log.warning("read again", extra={"cause": msg})
        self._read_from({partition: expected})

    def _read_from(self, offsets: Mapping[int, int]) -> None:
        """Have the client give what follows these offsets, and drop what it has fetched of their partitions."""
        # Not seek(): it fails while a fresh assignment is not being fetched yet, and keeps what was fetched before.
        self._consumer.incremental_unassign([TopicPartition(self.topic, p) for p in offsets])
        self._consumer.incremental_assign([TopicPartition(self.topic, p, offset) for p, offset in offsets.items()])
        # What ``keep_alive`` paused stays paused over that (``test_a_partition_lost_during_an_outage_flows_again``).
        self._consumer.resume([TopicPartition(self.topic, p) for p in offsets])

    def _is_new(self, message: Message, mark: str) -> bool:
        """Make sure that ``message`` is the one that was decided last, and say that it is no new one."""
        if mark_of(message.timestamp()[1], message.value()) != mark:
            self._must_be_ours()
            partition, offset = place_of(message)
            msg = f"partition {partition} holds another message at offset {offset} than the one that was decided"
            raise LogError(msg)
        return False

    def _heed(self, error: KafkaError) -> None:
        if is_the_end(error):
            raise KafkaException(error)
        _log.warning("Kafka", extra={"cause": str(error)})

    def _on_assign(self, _consumer: Consumer, assigned: Iterable[TopicPartition]) -> None:
        # Assigned at the end, so that nothing flows before ``place``; PostgreSQL is not asked inside a callback,
        # since it may be away for longer than the group would wait.
        self._answered = True
        partitions = [tp.partition for tp in assigned]
        self._consumer.incremental_assign([TopicPartition(self.topic, p, OFFSET_END) for p in partitions])
        self._unplaced.update(partitions)
        _log.info("partitions assigned", extra={"partitions": partitions})

    def _on_revoke(self, _consumer: Consumer, revoked: Iterable[TopicPartition]) -> None:
        partitions = [tp.partition for tp in revoked]
        for partition in partitions:
            self._next.pop(partition, None)
        self._unplaced.difference_update(partitions)
        self._consumer.incremental_unassign([TopicPartition(self.topic, p) for p in partitions])
        _log.info("partitions revoked", extra={"partitions": partitions})


def is_the_end(error: KafkaError) -> bool:
    """Whether a client is of no use after this error, so that only a new process helps.

    What a fatal error is told by comes without the flag: a client that was away for longer than its session, and notes
    an offset just then, is fenced by its own former self.
    """
    return error.fatal() or error.code() in (
        KafkaError._FATAL,  # noqa: SLF001 - librdkafka's own codes are named so
        KafkaError._FENCED,  # noqa: SLF001
        KafkaError.FENCED_INSTANCE_ID,
    )
