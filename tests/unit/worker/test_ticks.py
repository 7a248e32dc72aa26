"""Ticks: every second while there is traffic, every ten when idle."""

import pytest

from worker.ticks import Ticker


class Broker:
    """Stands for the client's queue: notes what it is given, and when it is full."""

    def __init__(self) -> None:
        self.partitions: list[int] = []
        self.full = False

    def produce(self, _topic: str, _value: bytes, *, partition: int, headers: object) -> None:
        assert headers
        if self.full:
            raise BufferError
        self.partitions.append(partition)

    def poll(self, _seconds: float) -> int:
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


def test_a_partition_that_is_not_ours_gets_none(ticker: Ticker, broker: Broker) -> None:
    ticker.run_once([2])
    assert broker.partitions == [2]


def test_a_full_queue_is_tried_again_at_the_next_turn(ticker: Ticker, broker: Broker) -> None:
    broker.full = True
    ticker.run_once([0])
    broker.full = False
    ticker.run_once([0])
    assert broker.partitions == [0]
