"""A violation suspends its event's sale once, whatever is said of it, and is not held back by another event's."""

from dataclasses import replace
from typing import Final

import pytest

from audit.auditor.suspending import each_once, suspension_of
from audit.auditor.violations import Violation
from contracts.commands import SuspendSales
from contracts.topics import partition_of

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


@pytest.mark.parametrize("away", [set[int](), {0}, {1}, {0, 1}])
async def test_a_partition_that_is_away_holds_back_its_own_events_alone(away: set[int]) -> None:
    commands = [suspension_of(replace(SEAT, event_id=f"event-{number}"), 0) for number in range(10)]
    where = [partition_of(command.event_id, PARTITIONS) for command in commands]
    assert set(where) == {0, 1}
    asked: list[int] = []

    async def send(command: SuspendSales, partition: int) -> bool:
        assert partition == partition_of(command.event_id, PARTITIONS)
        asked.append(partition)
        return partition not in away

    assert await each_once(commands, PARTITIONS, send) is not bool(away)
    assert [asked.count(n) for n in (0, 1)] == [1 if n in away else where.count(n) for n in (0, 1)]
