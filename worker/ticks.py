"""Ticks: the worker's own messages on each of its partitions, which move the log's time when nobody books.

A tick says nothing but "now", and the broker's stamp says when that was. They end holds, and make ``never_accepted``
and ``Frontrow-As-Of`` move on idle partitions. The log keeps everything, so an idle partition gets few of them. A lost
or doubled tick is harmless: the next one comes, and time only grows. A client that has failed for good is not: it ends
the process, and a new start has a new one.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from confluent_kafka import KafkaError, KafkaException, Message

from contracts.commands import Tick, encode
from contracts.topics import KIND_HEADER
from worker import metrics

BUSY_EVERY_S: Final = 1.0
IDLE_EVERY_S: Final = 10.0
CLEARING_EVERY_S: Final = 0.25
"""While a cancelled event has bookings: each tick ends those in one block, at most a thousand, in about 0.1 s, so that
other events of the worker have the longer part of the time to themselves; the largest event takes four minutes."""
BUSY_FOR_S: Final = 5.0
"""A partition counts as busy for so long after its last command."""

_TICK: Final = encode(Tick())
_HEADERS: Final[dict[str, str | bytes | None]] = {KIND_HEADER: b"tick"}

_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """What is used of a producer."""

    def produce(  # noqa: D102
        self,
        topic: str,
        value: bytes,
        /,
        *,
        partition: int,
        headers: Any,  # noqa: ANN401 - the client's type
        on_delivery: Callable[[KafkaError | None, Message], None],
    ) -> None: ...
    def poll(self, timeout: float, /) -> int: ...  # noqa: D102
    def flush(self, timeout: float, /) -> int: ...  # noqa: D102


class Ticker:
    """Puts ticks on the partitions that this worker owns. ``clock``: monotonic seconds."""

    def __init__(self, producer: Outbox, topic: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._producer = producer
        self._topic = topic
        self._clock = clock
        self._last_tick: dict[int, float] = {}
        self._last_command: dict[int, float] = {}
        self._holding: frozenset[int] = frozenset()
        self._clearing: frozenset[int] = frozenset()

    def saw_commands(self, partitions: Iterable[int]) -> None:
        """Note that these partitions have traffic."""
        self._last_command.update(dict.fromkeys(partitions, self._clock()))

    def saw_waiting(self, holds: frozenset[int], clearing: frozenset[int]) -> None:
        """Note that these partitions, and no others, have holds to end, and bookings of cancelled events."""
        self._holding = holds
        self._clearing = clearing

    def run_once(self, owned: Iterable[int]) -> None:
        """Put a tick on each owned partition whose time for one has come; never waits for the broker.

        Raises:
            KafkaException: the client takes nothing any more, for good.
        """
        now = self._clock()
        for partition in owned:
            if now - self._last_tick.get(partition, -IDLE_EVERY_S) >= self._every_s(partition, now):
                self._tick(partition, now)
        self._producer.poll(0)

    def stop(self) -> None:
        """Give ticks under way a moment to leave."""
        self._producer.flush(1)

    def _every_s(self, partition: int, now: float) -> float:
        if partition in self._clearing:
            return CLEARING_EVERY_S
        busy = partition in self._holding or now - self._last_command.get(partition, -BUSY_FOR_S) < BUSY_FOR_S
        return BUSY_EVERY_S if busy else IDLE_EVERY_S

    def _tick(self, partition: int, now: float) -> None:
        try:
            self._producer.produce(
                self._topic, _TICK, partition=partition, headers=_HEADERS, on_delivery=_count_delivered
            )
        except (BufferError, KafkaException) as error:
            if isinstance(error, KafkaException) and error.args[0].code() == KafkaError._FATAL:  # noqa: SLF001 - librdkafka's own codes are named so
                raise
            _log.warning("no tick", extra={"partition": partition, "cause": str(error)})
        else:
            self._last_tick[partition] = now


def _count_delivered(error: KafkaError | None, _message: Message) -> None:
    """Count what the log has: while this stands still, so does the log's time on idle partitions."""
    if error is None:
        metrics.TICKS.inc()
