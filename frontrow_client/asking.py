"""Asking: one question to Frontrow, in the session's name, under its key and position. Steps, no I/O.

``calls`` enters here with every request. A change gets its key here, once, whatever becomes of its attempts; a session
that is over is renewed here, once, by one call at a time.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from frontrow_client.memory import MIN_POSITION_HEADER, Memory, Tokens
from frontrow_client.patience import IDEMPOTENCY_KEY, Settling
from frontrow_client.problems import (
    OutcomeUnknownError,
    UnauthenticatedError,
    UnexpectedError,
    UnreachableError,
    problem_of,
)
from frontrow_client.steps import Alone, Answer, Params, Request, Steps

T = TypeVar("T")

_TOKENS: Final = TypeAdapter(Tokens)
_PROBLEM: Final = 400
_UNAUTHENTICATED: Final = 401


class Asking:
    """Asks; ``keys`` gives a key that nobody else has."""

    def __init__(self, settling: Settling, memory: Memory, keys: Callable[[], str]) -> None:
        self._settling = settling
        self._keys = keys
        self.memory = memory
        self.clock = settling.clock
        self.wall_clock = settling.wall_clock
        self.pause_s = settling.pause_s

    def read(self, path: str, params: Params | None = None, *, waits_s: float = 0.0) -> Steps[Answer]:
        """Return what is shown, at least as new as everything that this client was told.

        Raises:
            FrontrowError: it is not there, or nobody can say.
        """
        position = self.memory.position
        headers = {MIN_POSITION_HEADER: position} if position else {}
        return (yield from self._ask(Request("GET", path, params or {}, headers), waits_s=waits_s))

    def change(self, request: Request, *, key: str | None = None, waits_s: float = 0.0) -> Steps[Answer]:
        """Return the answer to a change, under ``key`` or one of its own.

        Raises:
            OutcomeUnknownError: it may have been accepted.
            FrontrowError: it was not.
        """
        keyed = {**request.headers, IDEMPOTENCY_KEY: key or self._keys()}
        return (yield from self._ask(replace(request, headers=keyed), waits_s=waits_s))

    def _ask(self, request: Request, *, waits_s: float) -> Steps[Answer]:
        """Return the good answer; with a session whose access token is over, after renewing it once."""
        tokens = self.memory.tokens
        answer = yield from self._settling.settle(_as(request, tokens), waits_s=waits_s)
        if answer.status == _UNAUTHENTICATED and tokens is not None and tokens.refresh_token is not None:
            yield Alone(self._renew(tokens))
            answer = yield from self._settling.settle(_as(request, self.memory.tokens), waits_s=waits_s)
        if answer.status >= _PROBLEM:
            raise problem_of(answer, self._settling.wall_clock())
        self.memory.note(answer.headers)
        return answer

    def _renew(self, used: Tokens) -> Steps[None]:
        """Renew the session, unless another call did while this one waited for its turn.

        A refresh token is good once: sent again after its answer was lost it would look stolen and end the session. So
        it is not (test: ``test_a_refresh_whose_answer_was_lost_is_not_sent_again``), and whoever loses it logs in.
        """
        if self.memory.tokens != used:
            return
        request = Request("POST", "/api/sessions/refresh", json={"refresh_token": used.refresh_token})
        try:
            answer = yield from self._settling.settle(request, repeat=False)
        except OutcomeUnknownError as lost:
            self.memory.tokens = None
            msg = "the session's renewal was lost on its way: log in again"
            raise UnreachableError(msg) from lost
        if answer.status >= _PROBLEM:
            problem = problem_of(answer, self._settling.wall_clock())
            if isinstance(problem, UnauthenticatedError):
                self.memory.tokens = None
            raise problem
        self.begin(answer)

    def begin(self, answer: Answer) -> Tokens:
        """Go on in the name of the session that an answer tells of."""
        tokens = read_in(_TOKENS, answer)
        self.memory.tokens = tokens
        return tokens


def read_in(kind: TypeAdapter[T], answer: Answer) -> T:
    """Return what an answer says; one that is no such thing comes from something before Frontrow, or is a bug."""
    try:
        return kind.validate_json(answer.content)
    except ValidationError as error:
        raise UnexpectedError(answer.status, {"detail": f"the answer cannot be read: {error.title}"}) from None


def _as(request: Request, tokens: Tokens | None) -> Request:
    if tokens is None:
        return request
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {tokens.access_token}"})
