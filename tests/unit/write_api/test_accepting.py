"""What the sender of several commands is told when the log takes some of them and not the next."""

import asyncio

import pytest

from contracts import problems
from contracts.commands import PublishEvent
from runtime.problems import ProblemError
from runtime.producer import NotHandedOverError
from write_api.accepting import appended

LAST = PublishEvent(command_id=f"cm_{'0' * 36}", issued_at_ms=1, event_id="hall", blocks=2)


async def _not_handed_over() -> None:
    raise NotHandedOverError


def told(*, begun: bool) -> ProblemError:
    with pytest.raises(ProblemError) as raised:
        asyncio.run(appended(LAST, _not_handed_over(), begun=begun))
    return raised.value


def test_a_request_of_which_the_log_has_nothing_was_refused() -> None:
    assert told(begun=False).kind is problems.LOG_UNAVAILABLE


def test_a_request_of_which_the_log_has_a_part_was_not_refused() -> None:
    assert told(begun=True).kind is problems.OUTCOME_UNKNOWN
