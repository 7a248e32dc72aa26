"""The replay ends every message as the worker does."""

import pytest

from audit.replay import RulesReplay
from contracts.commands import EventCommand
from contracts.outcomes import Reason, Status
from tests.unit.audit.histories import PARTITIONS, book, booking_id, hall, message
from worker.decisions import Decision, Unreadable
from worker.hall import Hall
from worker.rules import decide


def test_a_command_that_the_rules_stumble_over_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(hall: Hall, command: EventCommand | Unreadable, log_time_ms: int) -> Decision:
        if command == book(1, "A1"):
            raise ZeroDivisionError
        return decide(hall, command, log_time_ms)

    monkeypatch.setattr("worker.rules.decide", stumble)
    replay = RulesReplay(PARTITIONS)
    commands = [*hall(), book(1, "A1"), book(1, "A1"), book(2, "A1")]
    *_, hard, again, after = (replay.apply(message(offset, command)) for offset, command in enumerate(commands))
    assert hard.dead_letter
    (failed,) = hard.outcomes
    assert (failed.command_id, failed.status, failed.reason, failed.seat_ids) == (
        booking_id(1),
        Status.FAILED,
        Reason.UNPROCESSABLE,
        (),
    )
    assert failed.requested_at_ms == failed.decided_at_ms
    assert (again.outcomes, again.dead_letter) == ((), False)
    assert [outcome.status for outcome in after.outcomes] == [Status.CONFIRMED]
