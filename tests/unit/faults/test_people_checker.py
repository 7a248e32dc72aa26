"""What cannot happen to an account and its session, each in a walk of its own."""

import pytest

from tests.faults.run.history import Operation, Result
from tests.faults.run.people import LOG_IN, LOG_IN_WRONG, LOG_OUT, REFRESH, REGISTER, REUSE
from tests.faults.run.people_checker import check

OK, UNKNOWN, NO = "ok", "unknown", "unauthenticated"


def words(*steps: tuple[str, str], restored_at: float = 0.0) -> list[str]:
    """Return the first words of what is wrong with these steps: what was done, and what was answered."""
    operations = [
        Operation(
            kind,
            f"run.{n}",
            "",
            began=n + 1.0,
            result=Result(answer) if answer in {OK, UNKNOWN} else Result.REFUSED,
            told="" if answer in {OK, UNKNOWN} else answer,
            session="somebody",
        )
        for n, (kind, answer) in enumerate(steps)
    ]
    return [sentence.partition(":")[0] for sentence in check(operations, restored_at)]


LOGGED_IN = ((REGISTER, OK), (LOG_IN, OK))


def test_a_life_as_it_should_be() -> None:
    assert words(*LOGGED_IN, (LOG_IN_WRONG, NO), (REFRESH, OK), (REFRESH, OK), (LOG_OUT, OK), (REFRESH, NO)) == []


def test_an_account_that_was_registered_stays_and_one_that_was_not_is_nowhere() -> None:
    assert words((REGISTER, OK), (LOG_IN, NO)) == ["lost"]
    assert words((REGISTER, UNKNOWN), (LOG_IN, NO)) == []
    assert words((REGISTER, "log-unavailable"), (LOG_IN, OK)) == ["invented"]
    assert words((REGISTER, "conflict")) == ["invented"]


def test_a_session_lives_until_somebody_ends_it() -> None:
    assert words(*LOGGED_IN, (REFRESH, NO)) == ["lost"]
    assert words(*LOGGED_IN, (REFRESH, UNKNOWN), (REFRESH, NO)) == []
    assert words(*LOGGED_IN, (LOG_OUT, OK), (REFRESH, OK)) == ["invented"]
    assert words(*LOGGED_IN, (LOG_OUT, UNKNOWN), (REFRESH, OK)) == []


@pytest.mark.parametrize("answer", ["too-many-requests", "ConnectError"])
def test_who_was_not_heard_has_changed_nothing(answer: str) -> None:
    assert words(*LOGGED_IN, (REFRESH, answer), (REFRESH, NO)) == ["lost"]
    assert words(*LOGGED_IN, (REUSE, answer), (LOG_OUT, answer), (REFRESH, OK)) == []


def test_a_log_out_that_was_not_answered_may_yet_end_the_session_and_no_later_one() -> None:
    assert words(*LOGGED_IN, (LOG_OUT, UNKNOWN), (REFRESH, OK), (REFRESH, NO)) == []
    assert words(*LOGGED_IN, (LOG_OUT, UNKNOWN), (LOG_IN, OK), (REFRESH, NO)) == ["lost"]


def test_a_used_token_is_never_taken_again_and_ends_its_session() -> None:
    assert words(*LOGGED_IN, (REUSE, OK)) == ["doubled"]
    assert words(*LOGGED_IN, (REUSE, NO), (REFRESH, OK)) == ["invented"]


def test_a_wrong_password_opens_nothing() -> None:
    assert words(*LOGGED_IN, (LOG_IN_WRONG, OK)) == ["invented"]


def test_who_was_there_before_a_restore_is_not_looked_at() -> None:
    assert words(*LOGGED_IN, (LOG_IN, NO), restored_at=1.5) == []
