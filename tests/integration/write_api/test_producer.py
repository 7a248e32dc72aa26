"""The acknowledging producer by itself, on a real broker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from confluent_kafka import KafkaError

from runtime.kafka import producer_config
from runtime.producer import NotHandedOverError, OutcomeUnknownError, Producer
from tests.eventually import eventually_async
from tests.integration.conftest import PARTITIONS, Topic

UP_WITHIN_S = 15.0
WAIT_S = 30.0
"""Thousands at once take long on a busy machine; that nobody waits for longer than is said is tested in test_lanes."""


def made(topic: Topic) -> Producer:
    return Producer(producer_config(topic.bootstrap, "test"), topic.name, topic.partitions, wait_s=WAIT_S)


async def until_reachable(producer: Producer) -> None:
    async def reachable() -> None:
        assert producer.reachable

    await eventually_async(reachable, within_s=UP_WITHIN_S)


@pytest.fixture
async def producer(topic: Topic) -> AsyncIterator[Producer]:
    producer = made(topic)
    await producer.start()
    await until_reachable(producer)
    yield producer
    await producer.stop()


async def test_ten_thousand_at_once_are_all_acknowledged_in_order(producer: Producer) -> None:
    sent = [producer.send(number % PARTITIONS, b"key", b"value", []) for number in range(10_000)]

    acknowledged = await asyncio.gather(*sent)

    for partition in range(PARTITIONS):
        offsets = [one.offset for one in acknowledged if one.partition == partition]
        assert offsets == list(range(10_000 // PARTITIONS))


async def test_more_than_there_is_room_for_is_refused_and_the_rest_acknowledged(producer: Producer) -> None:
    results = await asyncio.gather(
        *(producer.send(0, b"key", b"value", []) for _ in range(8_000)), return_exceptions=True
    )

    refused = [one for one in results if isinstance(one, NotHandedOverError)]
    acknowledged = [one for one in results if not isinstance(one, BaseException)]
    assert len(refused) == 1_000, "a lane's bounds are 2,000 in flight and 5,000 waiting"
    assert sorted(one.offset for one in acknowledged) == list(range(7_000)), "and nothing that was refused is there"


async def test_a_message_too_large_for_the_log_is_refused(producer: Producer) -> None:
    with pytest.raises(NotHandedOverError):
        await producer.send(0, b"key", b"x" * 2_000_000, [])
    assert (await producer.send(0, b"key", b"value", [])).offset == 0


async def test_before_the_log_was_seen_and_after_the_stop_everything_is_refused(topic: Topic) -> None:
    producer = made(topic)
    await producer.start()
    with pytest.raises(NotHandedOverError):
        await producer.send(0, b"key", b"value", [])

    await until_reachable(producer)
    await producer.send(0, b"key", b"value", [])
    await producer.stop()
    await producer.stop()
    assert not producer.reachable
    with pytest.raises(NotHandedOverError):
        await producer.send(0, b"key", b"value", [])


async def test_what_is_under_way_when_it_is_told_to_stop_is_acknowledged(topic: Topic) -> None:
    producer = made(topic)
    await producer.start()
    await until_reachable(producer)
    sent = [producer.send(0, b"key", b"value", []) for _ in range(1_000)]
    await producer.stop()

    assert [one.offset for one in await asyncio.gather(*sent)] == list(range(1_000))


async def test_a_client_that_failed_for_good_is_replaced(producer: Producer) -> None:
    first = producer.send(0, b"key", b"value", [])
    producer._on_error(KafkaError(KafkaError._FATAL, "lost its sequence", fatal=True))  # noqa: SLF001 - cannot be provoked
    with contextlib.suppress(OutcomeUnknownError):
        await first

    async def acknowledged() -> None:
        try:
            await producer.send(0, b"key", b"value", [])
        except (NotHandedOverError, OutcomeUnknownError) as error:
            raise AssertionError from error

    await eventually_async(acknowledged, within_s=UP_WITHIN_S)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_bug_on_the_thread_refuses_everything_and_leaves_nobody_unanswered(
    producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(producer, "_probe", bug)

    async def refused() -> None:
        assert not producer.reachable

    await eventually_async(refused, within_s=UP_WITHIN_S)
    with pytest.raises(NotHandedOverError):
        await producer.send(0, b"key", b"value", [])
