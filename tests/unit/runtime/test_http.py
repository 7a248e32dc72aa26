"""A process of which a part has died ends, as SIGTERM ends it; one whose parts ended by themselves goes on."""

import asyncio
import signal
from collections.abc import Iterator

import pytest

from runtime.http import end_if_it_failed
from tests.eventually import eventually_async


@pytest.fixture
def asked_to_end() -> Iterator[list[int]]:
    asked: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    yield asked
    signal.signal(signal.SIGTERM, before)


async def test_a_part_that_died_ends_the_process(asked_to_end: list[int]) -> None:
    async def dies() -> None:
        raise KeyError

    task = asyncio.create_task(dies())
    task.add_done_callback(end_if_it_failed)

    async def asked() -> None:
        assert asked_to_end == [signal.SIGTERM]

    await eventually_async(asked, within_s=2)


async def test_a_part_that_ended_or_was_cancelled_ends_nothing(asked_to_end: list[int]) -> None:
    tasks = [asyncio.create_task(asyncio.sleep(seconds)) for seconds in (0, 60)]
    for task in tasks:
        task.add_done_callback(end_if_it_failed)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
    assert asked_to_end == []
