"""What suspends a sale comes to a real log, also where that was away at first, and once however often it is said."""

import asyncio
from contextlib import suppress
from typing import Final

import pytest

from audit.auditor import suspending
from audit.auditor.suspending import Suspending, suspension_of
from audit.auditor.violations import Violation
from audit.load_log import LogAwayError, LogReader
from contracts.commands import SuspendSales, decode
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, partition_of
from tests.eventually import eventually_async
from tests.integration.conftest import Topic

BROKEN: Final = [Violation("the seat is not what its changes make it", f"event-{number}") for number in range(10)]


async def test_a_suspension_is_tried_again_until_the_log_has_it(
    topic: Topic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(suspending, "TRY_AGAIN_S", 0.1)
    service = Suspending(topic.bootstrap, topic.name, topic.partitions)
    await service.start()
    for violation in [*BROKEN, *BROKEN]:
        service.suspend(violation)
    running = asyncio.create_task(service.run())
    log = LogReader(topic.bootstrap, topic.name)

    async def all_are_there() -> None:
        try:
            _first, end = await asyncio.to_thread(log.bounds)
        except LogAwayError as error:  # so is a partition of a topic that was just made, for a moment
            raise AssertionError from error
        assert sum(end.values()) == len(BROKEN)

    try:
        await eventually_async(all_are_there)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await service.stop()
    assert "not suspended yet" in caplog.text, "nothing is handed to a log that was not seen yet"
    _first, end = log.bounds()
    there = [message for partition in log.partitions for message in log.read(partition, 0, end[partition])]
    assert sum(end.values()) == len(there) == len(BROKEN)
    commands = {
        command.event_id: command for one in there if isinstance(command := decode(one.value or b""), SuspendSales)
    }
    for one in there:
        assert one.key is not None
        command = commands[one.key.decode()]
        assert one.partition == partition_of(command.event_id, topic.partitions)
        assert dict(one.headers) == {COMMAND_ID_HEADER: command.command_id.encode(), KIND_HEADER: command.kind.encode()}
    assert {command.command_id for command in commands.values()} == {suspension_of(one, 0).command_id for one in BROKEN}
