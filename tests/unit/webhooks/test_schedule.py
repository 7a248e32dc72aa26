"""When a delivery that failed comes again: growing pauses over a day, then it is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.schedule import (
    JITTER,
    LONGEST_RETRY_AFTER_S,
    PAUSES_S,
    THROTTLE_S,
    Answer,
    left_alone_until,
    next_attempt,
)

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
FAILED = Answer(500)


def pauses(dice: float) -> list[float]:
    found: list[float] = []
    for attempts in range(1, 100):
        again = next_attempt(attempts, FAILED, NOW, dice)
        if again is None:
            return found
        found.append((again - NOW).total_seconds())
    raise AssertionError(found)


def test_pauses_grow_over_more_than_a_day_and_then_there_are_no_more() -> None:
    assert pauses(0) == [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400]
    assert timedelta(days=1) < timedelta(seconds=sum(pauses(0))) < timedelta(days=2)


def test_dice_make_a_pause_longer_by_at_most_a_tenth() -> None:
    for least, most in zip(pauses(0), pauses(1), strict=True):
        assert most == pytest.approx(least * (1 + JITTER))


def test_an_endpoint_that_asks_for_a_longer_pause_gets_it_but_not_for_ever() -> None:
    assert next_attempt(1, Answer(503, retry_after_s=120), NOW, 0) == NOW + timedelta(seconds=120)
    assert next_attempt(2, Answer(503, retry_after_s=120), NOW, 0) == NOW + timedelta(seconds=PAUSES_S[1])
    put_off = next_attempt(1, Answer(503, retry_after_s=10**9), NOW, 0)
    assert put_off == NOW + timedelta(seconds=LONGEST_RETRY_AFTER_S)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_endpoint_that_has_too_much_to_do_is_left_alone_as_a_whole(status: int) -> None:
    assert left_alone_until(Answer(status), NOW) == NOW + timedelta(seconds=THROTTLE_S)
    assert left_alone_until(Answer(status, retry_after_s=60), NOW) == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("answer", [Answer(200), Answer(404), Answer(500), Answer(None, "timeout")])
def test_another_failure_is_the_deliverys_alone(answer: Answer) -> None:
    assert left_alone_until(answer, NOW) is None


@pytest.mark.parametrize(
    ("status", "delivered"),
    [(200, True), (204, True), (299, True), (301, False), (199, False), (400, False), (None, False)],
)
def test_only_two_hundreds_are_delivered(status: int | None, delivered: bool) -> None:  # noqa: FBT001 - a table
    assert Answer(status).delivered is delivered


@given(
    st.integers(1, 20),
    st.one_of(st.none(), st.integers(100, 599)),
    st.one_of(st.none(), st.integers(0, 2**40)),
    st.floats(0, 1, exclude_max=True),
)
def test_an_attempt_is_put_off_but_never_for_longer_than_a_day_and_never_before_it_was_made(
    attempts: int, status: int | None, retry_after_s: int | None, dice: float
) -> None:
    answer = Answer(status, None if status else "timeout", retry_after_s)
    again = next_attempt(attempts, answer, NOW, dice)
    assert (again is None) == (attempts > len(PAUSES_S))
    longest = timedelta(seconds=LONGEST_RETRY_AFTER_S)
    if again is not None:
        assert NOW + timedelta(seconds=PAUSES_S[attempts - 1]) <= again <= NOW + longest
    alone = left_alone_until(answer, NOW)
    assert alone is None or NOW + timedelta(seconds=THROTTLE_S) <= alone <= NOW + longest
