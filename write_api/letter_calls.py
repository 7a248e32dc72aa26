"""Dead letters for operators: shown, and put on the log again. What can be is ``contracts.dead_letters``' to say.

The gateway enters here.
"""

from typing import Annotated, Final

from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.operating import DeadLetterSummary
from contracts.wire import CommandAccepted
from runtime.credentials import Credentials
from runtime.problems import ProblemError
from write_api.declared import Call, add_call

MOST: Final = 100

Before = Annotated[str | None, Query(max_length=64, description="A letter's id: those that are older than it.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]

_TAG: Final = "operators"


class LetterCalls:
    """The routes."""

    def __init__(self, credentials: Credentials[Caller]) -> None:
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        letters, replay = "/api/dead-letters", "/api/dead-letters/{letter_id}/replay"
        refusals = (problems.NOT_FOUND, problems.CONFLICT, problems.LOG_UNAVAILABLE, problems.OUTCOME_UNKNOWN)
        for call in (
            Call("GET", letters, self.dead_letters, list[DeadLetterSummary], 200),
            Call("POST", replay, self.replay_dead_letter, CommandAccepted, 202, refusals=refusals),
        ):
            add_call(app, call, _TAG)

    async def dead_letters(self, request: Request, before: Before = None, limit: Limit = MOST) -> Response:
        """List dead letters, the newest first, with what can be done about each. For operators."""
        raise self._not_yet(request, before, limit)

    async def replay_dead_letter(self, request: Request, letter_id: str) -> Response:
        """Put a dead letter's command on the log again, under an id of its own: twice is once. For operators."""
        raise self._not_yet(request, letter_id)

    def _not_yet(self, request: Request, *_asked: object) -> ProblemError:
        if not self._credentials.required(request.scope).operates:
            return ProblemError(problems.FORBIDDEN, "Only operators do this.")
        return ProblemError(problems.OVERLOADED, "Dead letters are not shown yet.")
