"""Dead letters for operators: shown, and put on the log again. What can be is ``contracts.dead_letters``' to say.

The gateway enters here; ``python -m write_api.dead_letters`` does the same by hand. A replay has one id for ever, so to
replay twice is to replay once, and a command that was replayed says what became of it.
"""

from typing import Annotated, Final

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.dead_letters import OBSTACLES, Obstacle, Replay, Told, letter_id_of
from contracts.moments import moment_text
from contracts.operating import DeadLetterSummary, LetterOutcome
from contracts.wire import CommandAccepted
from runtime.credentials import Credentials
from runtime.postgres import PostgresAwayError
from runtime.problems import ProblemError
from write_api.accepting import accepted, appended
from write_api.declared import Call, add_call
from write_api.letters import MOST, Letters, Looked
from write_api.requests import invalid

Before = Annotated[str | None, Query(max_length=64, description="A letter's id: those that are older than it.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]

_TAG: Final = "operators"


class LetterCalls:
    """The routes."""

    def __init__(self, letters: Letters, credentials: Credentials[Caller]) -> None:
        self._letters = letters
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        letters, replay = "/api/dead-letters", "/api/dead-letters/{letter_id}/replay"
        refusals = (problems.NOT_FOUND, problems.CONFLICT, problems.LOG_UNAVAILABLE, problems.OUTCOME_UNKNOWN)
        for call in (
            Call("GET", letters, self.dead_letters, list[DeadLetterSummary], 200, refusals=[problems.INVALID_REQUEST]),
            Call("POST", replay, self.replay_dead_letter, CommandAccepted, 202, refusals=refusals),
        ):
            add_call(app, call, _TAG)

    async def dead_letters(self, request: Request, before: Before = None, limit: Limit = MOST) -> Response:
        """List dead letters, the newest first, with what can be done about each. For operators."""
        self._check(request)
        older_than = letter_id_of(before) if before is not None else None
        if before is not None and older_than is None:
            raise invalid([{"field": "before", "message": "must be a letter's id"}])
        try:
            found = await self._letters.newest(older_than, limit)
        except PostgresAwayError:
            raise _away() from None
        body = orjson.dumps([_shown(looked).model_dump() for looked in found])
        return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")

    async def replay_dead_letter(self, request: Request, letter_id: str) -> Response:
        """Put a dead letter's command on the log again, under an id of its own: twice is once. For operators."""
        self._check(request)
        named = letter_id_of(letter_id)
        try:
            looked = await self._letters.look(named) if named is not None else None
        except PostgresAwayError:
            raise _away() from None
        if looked is None:
            raise ProblemError(problems.NOT_FOUND, "There is no such dead letter.")
        if isinstance(looked.found, Obstacle):
            raise ProblemError(problems.CONFLICT, f"Not replayed: {OBSTACLES[looked.found]}.")
        command = looked.found.command
        await appended(command, self._letters.replay(looked.found))
        return accepted(command)

    def _check(self, request: Request) -> None:
        if not self._credentials.required(request.scope).operates:
            raise ProblemError(problems.FORBIDDEN, "Only operators do this.")


def _shown(looked: Looked) -> DeadLetterSummary:
    letter = looked.letter
    return DeadLetterSummary(
        letter_id=str(letter.letter_id),
        kept_at=moment_text(letter.at),
        kind=looked.kind or None,
        size_bytes=len(letter.value or b""),
        reason=letter.reason,
        told=[_outcome(command_id, told) for command_id, told in looked.told.items()],
        obstacle=looked.found.value if isinstance(looked.found, Obstacle) else None,
        cautions=list(looked.found.cautions) if isinstance(looked.found, Replay) else [],
        replay=_outcome(looked.replay_id, looked.became) if looked.became is not None else None,
    )


def _outcome(command_id: str, told: Told) -> LetterOutcome:
    return LetterOutcome(command_id=command_id, status=told.status, reason=told.reason)


def _away() -> ProblemError:
    return ProblemError(problems.OVERLOADED, "The ledger does not answer; nothing was done.")
