"""Ticks: every second while there is traffic, every ten when idle."""

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException
from prometheus_client import REGISTRY

from worker.ticks import Ticker


class Broker:
    """Stands for the client's queue: notes what it is given, and when it is full or has failed for good."""

    def __init__(self) -> None:
        self.partitions: list[int] = []
        self.full = False
        self.failed: KafkaError | None = None
        self.undelivered: KafkaError | None = None
        self._reports: list[Callable[..., None]] = []

    def produce(
        self, _topic: str, _value: bytes, *, partition: int, headers: object, on_delivery: Callable[..., None]
    ) -> None:
        assert headers
        if self.full:
            raise BufferError
        if self.failed is not None:
            raise KafkaException(self.failed)
        self.partitions.append(partition)
        self._reports.append(on_delivery)

    def poll(self, _seconds: float) -> int:
        while self._reports:
            self._reports.pop()(self.undelivered, None)
        return 0

    def flush(self, _seconds: float) -> int:
        return 0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ticker(broker: Broker, clock: Clock) -> Ticker:
    return Ticker(broker, "topic", clock)


def ticks(ticker: Ticker, broker: Broker, clock: Clock, *, for_s: int) -> int:
    before = len(broker.partitions)
    for _ in range(for_s):
        clock.now += 1
        ticker.run_once([0])
    return len(broker.partitions) - before


def test_an_idle_partition_gets_a_tick_every_ten_seconds(ticker: Ticker, broker: Broker, clock: Clock) -> None:
    assert ticks(ticker, broker, clock, for_s=100) == 10


def test_a_busy_partition_gets_a_tick_every_second_for_five_seconds(
    ticker: Ticker, broker: Broker, clock: Clock
) -> None:
    ticks(ticker, broker, clock, for_s=1)
    ticker.saw_commands([0])
    assert ticks(ticker, broker, clock, for_s=9) == 4


def test_a_partition_with_a_hold_gets_one_every_second_and_with_a_cancelled_event_four(
    ticker: Ticker, broker: Broker, clock: Clock
) -> None:
    ticks(ticker, broker, clock, for_s=1)
    ticker.saw_waiting(frozenset({0}), frozenset())
    assert ticks(ticker, broker, clock, for_s=8) == 8
    ticker.saw_waiting(frozenset(), frozenset({0}))
    before = len(broker.partitions)
    for _ in range(40):
        clock.now += 0.125
        ticker.run_once([0])
    assert len(broker.partitions) - before == 20
    ticker.saw_waiting(frozenset(), frozenset())
    assert ticks(ticker, broker, clock, for_s=9) == 0


def test_a_partition_that_is_not_ours_gets_none(ticker: Ticker, broker: Broker) -> None:
    ticker.run_once([2])
    assert broker.partitions == [2]


def test_a_full_queue_is_tried_again_at_the_next_turn(ticker: Ticker, broker: Broker) -> None:
    broker.full = True
    ticker.run_once([0])
    broker.full = False
    ticker.run_once([0])
    assert broker.partitions == [0]


def test_a_client_that_has_failed_for_good_ends_the_process(ticker: Ticker, broker: Broker) -> None:
    broker.failed = KafkaError(KafkaError._FATAL, "lost its sequence", fatal=True)  # noqa: SLF001 - librdkafka's own codes are named so
    with pytest.raises(KafkaException):
        ticker.run_once([0])


def test_a_client_that_fails_for_now_is_tried_again_at_the_next_turn(ticker: Ticker, broker: Broker) -> None:
    broker.failed = KafkaError(KafkaError._TRANSPORT)  # noqa: SLF001 - as above
    ticker.run_once([0])
    broker.failed = None
    ticker.run_once([0])
    assert broker.partitions == [0]


def test_only_what_the_log_has_is_counted(ticker: Ticker, broker: Broker) -> None:
    counted = REGISTRY.get_sample_value("frontrow_worker_ticks_total") or 0.0
    ticker.run_once([0, 1])
    assert REGISTRY.get_sample_value("frontrow_worker_ticks_total") == counted + 2
    broker.undelivered = KafkaError(KafkaError._MSG_TIMED_OUT)  # noqa: SLF001 - as above
    ticker.run_once([2])
    assert REGISTRY.get_sample_value("frontrow_worker_ticks_total") == counted + 2
