"""The replay ends every message as the worker does."""

import pytest

from audit.replay import RulesReplay
from contracts.commands import Command
from contracts.outcomes import Reason, Status
from tests.unit.audit.histories import PARTITIONS, book, booking_id, hall, message
from worker.rules import Decision, Hall, Unreadable, decide


def test_a_command_that_the_rules_stumble_over_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(hall: Hall, command: Command | Unreadable, log_time_ms: int) -> Decision:
        if command == book(1, "A1"):
            raise ZeroDivisionError
        return decide(hall, command, log_time_ms)

    monkeypatch.setattr("audit.replay.decide", stumble)
    replay = RulesReplay(PARTITIONS)
    commands = [*hall(), book(1, "A1"), book(1, "A1"), book(2, "A1")]
    *_, hard, again, after = (replay.apply(message(offset, command)) for offset, command in enumerate(commands))
    assert hard.dead_letter
    assert hard.outcome is not None
    assert (hard.outcome.command_id, hard.outcome.status, hard.outcome.reason, hard.outcome.seat_ids) == (
        booking_id(1),
        Status.FAILED,
        Reason.UNPROCESSABLE,
        (),
    )
    assert hard.outcome.requested_at_ms == hard.outcome.decided_at_ms
    assert (again.outcome, again.dead_letter) == (None, False)
    assert after.outcome is not None
    assert after.outcome.status == Status.CONFIRMED
