"""A violation suspends its event's sale once, whatever is said of it, and is not held back by another event's."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Final

import pytest

from audit.auditor import suspending
from audit.auditor.suspending import Suspending, suspension_of
from audit.auditor.violations import Violation
from contracts.topics import partition_of
from runtime.producer import NotHandedOverError
from tests.eventually import eventually_async

SEAT: Final = Violation("the seat is not what its changes make it", "concert", "bk_1", "A1", "version 2", "version 3")
PARTITIONS: Final = 2


def id_of(violation: Violation) -> str:
    return suspension_of(violation, 0).command_id


def test_a_violation_suspends_once_whatever_is_said_of_it() -> None:
    assert id_of(SEAT) == id_of(replace(SEAT, log_says="version 4", ledger_says="version 5", view_says="nothing"))
    assert suspension_of(SEAT, 0).found == SEAT.sentence


def test_another_event_or_another_thing_that_is_broken_suspends_for_itself() -> None:
    others = [replace(SEAT, event_id="other"), replace(SEAT, seat_id="A2"), replace(SEAT, booking_id="bk_2")]
    assert len({id_of(one) for one in [SEAT, *others, replace(SEAT, what="its status is another one")]}) == 5


class _HalfALog:
    """The first partition has no leader."""

    def __init__(self, *_: object) -> None:
        self.asked: list[int] = []

    async def start(self) -> None: ...

    async def send(self, partition: int, *_: object) -> None:
        self.asked.append(partition)
        if partition == 0:
            raise NotHandedOverError


async def test_a_partition_that_is_away_holds_back_its_own_events_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    log = _HalfALog()
    monkeypatch.setattr(suspending, "Producer", lambda *_: log)
    monkeypatch.setattr(suspending, "TRY_AGAIN_S", 60)
    names = sorted((f"event-{number}" for number in range(10)), key=lambda name: partition_of(name, PARTITIONS))
    there = sum(partition_of(name, PARTITIONS) == 1 for name in names)
    assert 1 < there < len(names) - 1
    service = Suspending("nowhere", "nothing", PARTITIONS)
    await service.start()
    for name in names:
        service.suspend(replace(SEAT, event_id=name))
    running = asyncio.create_task(service.run())

    async def all_were_sent_that_can_be() -> None:
        assert log.asked == [0] + [1] * there

    try:
        await eventually_async(all_were_sent_that_can_be, within_s=5)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
