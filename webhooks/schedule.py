"""Schedule: when a delivery that failed is attempted again, and when it is given up. Pure: no clock, no dice.

The pauses are the specification's own example as far as a day and a half, each up to a tenth longer, so that what
failed together does not come back together. An endpoint that asks for a longer pause (``Retry-After``) gets it.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, NamedTuple

PAUSES_S: Final = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600)
"""After the first attempt, the second and so on: eight attempts over 31 hours and 35 minutes."""
JITTER: Final = 0.1
LONGEST_RETRY_AFTER_S: Final = 24 * 3600
"""An endpoint may not put us off for longer in one answer."""
THROTTLE_S: Final = 5
"""How long an endpoint that says that it has too much to do is left alone, unless it says for how long."""
DISABLED_AFTER: Final = timedelta(days=3)
"""An endpoint that did nothing but fail for so long is left alone until its owner says that it is well again."""

_OVERLOADED: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Answer(NamedTuple):
    """What an attempt came to. ``status`` is None when there was no answer, and ``error`` then says why."""

    status: int | None
    error: str | None = None
    retry_after_s: int | None = None

    @property
    def delivered(self) -> bool:
        """Whether the endpoint took it."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def gone(self) -> bool:
        """Whether the endpoint wants nothing any more."""
        return self.status == HTTPStatus.GONE


def next_attempt(attempts: int, answer: Answer, now: datetime, dice: float) -> datetime | None:
    """Return when to try again after ``attempts`` failed, or None: never. ``dice``: 0 up to 1."""
    if attempts > len(PAUSES_S):
        return None
    pause_s = PAUSES_S[attempts - 1] * (1 + JITTER * dice)
    return now + timedelta(seconds=max(pause_s, _asked_s(answer)))


def left_alone_until(answer: Answer, now: datetime) -> datetime | None:
    """Return until when the endpoint as a whole is left alone, if so."""
    if answer.status not in _OVERLOADED:
        return None
    return now + timedelta(seconds=max(THROTTLE_S, _asked_s(answer)))


def _asked_s(answer: Answer) -> int:
    return min(answer.retry_after_s or 0, LONGEST_RETRY_AFTER_S)
