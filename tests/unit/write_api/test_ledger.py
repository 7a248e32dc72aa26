"""What is refused at once is what the worker would refuse: no state that it takes is called a conflict."""

from dataclasses import replace

import pytest

from contracts.commands import AboutBooking
from contracts.outcomes import BookingStatus, Status
from tests.unit.worker.logs import EVENT, NOW_MS, cancel, command_id, extend, start
from worker.life_cycle import Booking, held, step
from write_api.ledger import Standing, conflict_of

SHOWN = [status for status in BookingStatus if status not in (BookingStatus.OFFERED, BookingStatus.TAKEN)]
MADE = held(Booking(command_id("bk", 10), EVENT, 0, "p_1", 120, BookingStatus.HELD, None, ("A1",)), NOW_MS)


@pytest.mark.parametrize("command", [cancel(20, 10), extend(21, 10), start(22, 10)], ids=lambda one: one.kind)
@pytest.mark.parametrize("status", SHOWN)
@pytest.mark.parametrize("extended", [False, True])
def test_a_conflict_is_what_the_worker_refuses_for_its_state(
    command: AboutBooking,
    status: BookingStatus,
    extended: bool,  # noqa: FBT001 - a case
) -> None:
    conflict = conflict_of(command, Standing("p_1", status, extended, decided=False))
    decided = step(replace(MADE, status=status, extended=extended), command, NOW_MS, lambda: True)
    assert bool(conflict) == (decided.status is Status.REFUSED), conflict
