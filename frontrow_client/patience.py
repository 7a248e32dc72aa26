"""Patience: sends a request until there is an answer that settles it, with pauses, for a bounded time. Pure steps.

Every call's requests pass here. Sent again is only what is safe to send again: a read, and a change under the key that
it had before. What is told at the end is what is known: once a change may have arrived, "not accepted" of a later
attempt is not the whole truth (test: ``test_a_refusal_after_a_lost_answer_is_still_unknown``).
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from frontrow_client.problems import (
    FrontrowError,
    OutcomeUnknownError,
    UnreachableError,
    document_of,
    problem_of,
    retry_after_s,
)
from frontrow_client.steps import Answer, Lost, Pause, Request, Steps, send

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
_OUTCOME_UNKNOWN: Final = "outcome-unknown"
WORTH_REPEATING: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try, in seconds.

    ``within_s``: one call, all attempts and pauses together; what the call itself waits for comes on top.
    ``attempt_s``: one attempt's connection, and each wait for its next bytes; above the 2.5 s in which Frontrow answers
    a change, and the gateway's 3 s.
    ``first_pause_s`` doubles with every attempt up to ``longest_pause_s``; half of a pause is chance, so that those
    who failed together do not come back together.
    """

    within_s: float = 30.0
    attempt_s: float = 6.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 5.0

    def __post_init__(self) -> None:
        """Refuse what cannot be: see the sentence."""
        if not 0 < self.first_pause_s <= self.longest_pause_s or not 0 < self.attempt_s <= self.within_s:
            msg = "pauses must be above 0 and the first not above the longest; an attempt not above the whole"
            raise ValueError(msg)


class Settling:
    """Settles requests; clocks and dice are constructor arguments."""

    def __init__(
        self,
        patience: Patience,
        dice: random.Random,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._patience = patience
        self._dice = dice
        self.clock = clock
        self.wall_clock = wall_clock

    def pause_s(self, attempts: int, asked_s: float | None, *, first_s: float, longest_s: float) -> float:
        """Return how long to pause after so many attempts: doubled each time, half of it by chance.

        ``asked_s``: what the other end asked for. Whoever was told the same by the same server comes back a little
        later than that, each by chance.
        """
        pause_s = min(first_s * 2.0 ** min(attempts - 1, 30), longest_s) * self._dice.uniform(0.5, 1.0)
        return pause_s if asked_s is None else asked_s + pause_s

    def settle(self, request: Request, *, waits_s: float = 0.0, repeat: bool = True) -> Steps[Answer]:
        """Return the first answer that is worth no further attempt, whatever it says.

        ``waits_s``: how long the other end may take on purpose; ``repeat``: whether a second arrival is harmless.

        Raises:
            FrontrowError: the time is over, or there is no second attempt: what is known then.
        """
        our = self._patience
        deadline = self.clock() + our.within_s + waits_s
        status_url: str | None = None
        unsettled = False
        attempts = 0
        while True:
            left_s = max(0.0, deadline - self.clock())
            timeout_s = min(our.attempt_s + waits_s, max(left_s, our.first_pause_s))
            reply = yield from send(replace(request, timeout_s=timeout_s))
            if isinstance(reply, Answer) and reply.status not in WORTH_REPEATING:
                return reply
            arrived = _may_have_arrived(reply)
            unsettled |= request.changes and arrived
            if isinstance(reply, Answer):
                status_url = document_of(reply).get("status_url", status_url)
            attempts += 1
            asked_s = retry_after_s(reply.headers, self.wall_clock()) if isinstance(reply, Answer) else None
            pause_s = self.pause_s(attempts, asked_s, first_s=our.first_pause_s, longest_s=our.longest_pause_s)
            if (arrived and not repeat) or self.clock() + pause_s >= deadline:
                raise self._end(request, reply, status_url, unsettled=unsettled)
            yield Pause(pause_s)

    def _end(self, request: Request, reply: Answer | Lost, status_url: str | None, *, unsettled: bool) -> FrontrowError:
        why = reply.why if isinstance(reply, Lost) else f"the last answer was {reply.status}"
        if unsettled:
            return OutcomeUnknownError(request.headers.get(IDEMPOTENCY_KEY, ""), status_url, why)
        if isinstance(reply, Lost):
            return UnreachableError(why)
        return problem_of(reply, self.wall_clock())


def _may_have_arrived(reply: Answer | Lost) -> bool:
    if isinstance(reply, Lost):
        return reply.sent
    slug = str(document_of(reply).get("type", "")).rpartition("/")[2]
    # Without a problem document it is not Frontrow who answers but something before it, which may have lost an answer.
    return slug in {_OUTCOME_UNKNOWN, ""}
