"""What the sender of a command is told: where its outcome is, and what is known when the log takes only a part."""

import asyncio
import json

import pytest

from contracts import problems
from contracts.commands import BookSeats, PublishEvent
from runtime.problems import ProblemError
from runtime.producer import NotHandedOverError, OutcomeUnknownError
from write_api.accepting import accepted, appended

LAST = PublishEvent(command_id=f"cm_{'0' * 36}", issued_at_ms=1, event_id="hall", blocks=2)

REPLAYED = BookSeats(
    command_id=f"bk_{'0' * 36}", event_id="hall", seat_ids=("A1",), principal="p_x", issued_at_ms=1, keyed=True
)


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


def test_a_booking_that_is_replayed_is_followed_at_the_address_of_bookings() -> None:
    answer = accepted(REPLAYED)
    assert json.loads(bytes(answer.body))["status_url"] == f"/api/bookings/{REPLAYED.command_id}"
    assert answer.headers["location"] == f"/api/bookings/{REPLAYED.command_id}"


def test_a_replayed_booking_whose_outcome_is_unknown_is_asked_for_at_the_address_of_bookings() -> None:
    async def unknown() -> None:
        raise OutcomeUnknownError

    with pytest.raises(ProblemError) as raised:
        asyncio.run(appended(REPLAYED, unknown()))
    assert raised.value.members["status_url"] == f"/api/bookings/{REPLAYED.command_id}"
