"""Check-ins: people come in with their tickets, one seat at a time, let in by the event's organiser or an operator.

The gateway enters here, for ``POST /api/events/{event_id}/check-ins``. Whether a code is one of our tickets is seen
here, since forged ones are not for the log; whether its seat is still the booking's, and nobody came in with it before,
the worker decides in the order of the log: of two gates that scan one ticket at once, one lets somebody in.

With ``Prefer: wait`` the gate is told what was decided, as ``POST /api/book`` tells it; else it follows the command.
"""

import time
from typing import Annotated, Any, Final, cast

import orjson
from fastapi import FastAPI, Header
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.admission import CheckInRequest
from contracts.announcements import CheckInDecided
from contracts.callers import Caller
from contracts.commands import CheckIn
from contracts.ids import BOOKING_PREFIX, COMMAND_PREFIX, IssuedId
from contracts.tickets import TicketReader
from contracts.wire import CommandAccepted, CommandOutcome
from runtime.credentials import Credentials
from runtime.problems import ProblemError, request_id
from write_api import preferences
from write_api.accepting import accepted, appended, status_url
from write_api.commands import CommandLog
from write_api.declared import Call, add_call
from write_api.idempotency import Idempotency, key_of
from write_api.ledger import Ledger
from write_api.requests import body_of, invalid, is_name
from write_api.waiting import Outcomes

Prefer = Annotated[str | None, Header(description="`wait=2`: answer 200 with what was decided, if in so many seconds.")]
Key = Annotated[str | None, Header(description="The same caller, event and key again is the same check-in.")]

_REFUSALS: Final = (
    problems.NOT_FOUND,
    problems.IDEMPOTENCY_KEY_REUSED,
    problems.LOG_UNAVAILABLE,
    problems.OUTCOME_UNKNOWN,
)


class CheckIns:
    """The route. ``tickets`` reads codes."""

    def __init__(
        self,
        log: CommandLog,
        idempotency: Idempotency,
        outcomes: Outcomes,
        *,
        credentials: Credentials[Caller],
        ledger: Ledger,
        tickets: TicketReader,
    ) -> None:
        self._log = log
        self._idempotency = idempotency
        self._outcomes = outcomes
        self._credentials = credentials
        self._ledger = ledger
        self._tickets = tickets

    def add_to(self, app: FastAPI) -> None:
        """Route and declare it."""
        path = "/api/events/{event_id}/check-ins"
        call = Call("POST", path, self.check_in, CommandAccepted, 202, CheckInRequest, refusals=_REFUSALS)
        add_call(app, call, "organisers", also={200: _DECIDED})

    async def check_in(
        self,
        request: Request,
        event_id: str,
        idempotency_key: Key = None,  # noqa: ARG002 - for the document; read as every call reads it
        prefer: Prefer = None,
    ) -> Response:
        """Let somebody in with a ticket's `code`, or by hand with `booking_id` and `seat_id`. Once a seat.

        With `Prefer: wait=2` the answer is what was decided: `done`, or `refused` because of `already_checked_in` (then
        `check_in` says when and where somebody came in), `not_confirmed` or `ticket_not_valid`.
        """
        caller = self._credentials.required(request.scope)
        if not caller.organises:
            raise ProblemError(problems.FORBIDDEN, "Only organisers and operators do this.")
        if not is_name(event_id):
            raise ProblemError(problems.NOT_FOUND, "There is nothing of this name.")
        asked = await body_of(request, CheckInRequest)
        booking, seat_id = self._seat_of(asked, event_id)
        command = self._command(request, caller, event_id, booking, seat_id, asked.gate)
        wait_s = preferences.wait_s(prefer.encode("latin-1", "replace")) if prefer and self._outcomes.listening else 0
        if wait_s:
            command = command.model_copy(update={"reply_to": self._outcomes.reply_to})
        await self._ledger.check(command)
        if command.keyed:
            await self._idempotency.recognise(command)
        if not wait_s:
            await appended(command, self._log.append_about(booking, command))
            return accepted(command)
        until = time.monotonic() + wait_s
        with self._outcomes.expected(command.command_id) as waiting:
            await appended(command, self._log.append_about(booking, command))
            told = await self._outcomes.outcome(command.command_id, waiting, until - time.monotonic())
        return accepted(command) if told is None else _decided(command, cast("CheckInDecided", told), wait_s)

    def _seat_of(self, asked: CheckInRequest, event_id: str) -> tuple[IssuedId, str]:
        """Return the booking and the seat that a request names; raise the problem of a code that is no ticket here."""
        if asked.code is None:
            by_hand = self._log.read(BOOKING_PREFIX, asked.booking_id or "")
            if by_hand is None:
                raise ProblemError(problems.NOT_FOUND, "No booking has this id.")
            return by_hand, asked.seat_id or ""
        said = self._tickets.read(asked.code)
        booking = self._log.read(BOOKING_PREFIX, said.booking_id) if said is not None else None
        if said is None or booking is None:
            raise invalid([{"field": "code", "message": "is no ticket of ours"}])
        if said.event_id != event_id:
            raise invalid([{"field": "code", "message": "is a ticket of another event"}])
        return booking, said.seat_id

    def _command(
        self, request: Request, caller: Caller, event_id: str, booking: IssuedId, seat_id: str, gate: str | None
    ) -> CheckIn:
        key = key_of(request.headers.raw, guest=False)
        partition = booking.partition
        if key is None:
            command_id, issued_at_ms = self._log.issue_on(COMMAND_PREFIX, partition)
        else:
            scope = f"check_in:{event_id}"
            command_id = self._idempotency.id_of(
                key, prefix=COMMAND_PREFIX, partition=partition, principal=caller.principal, scope=scope
            )
            issued_at_ms = self._log.now_ms()
        return CheckIn(
            command_id=command_id,
            booking_id=booking.text,
            event_id=event_id,
            seat_id=seat_id,
            gate=gate,
            issued_at_ms=issued_at_ms,
            request_id=request_id(request),
            keyed=key is not None,
            principal=caller.principal,
            operator=caller.operates,
        )


_DECIDED: Final[dict[str, Any]] = {
    "description": "Decided while the gate waited, whatever was decided; only with `Prefer: wait`.",
    "model": CommandOutcome,
    "headers": {"Preference-Applied": {"description": "The wait that was done.", "schema": {"type": "string"}}},
}


def _decided(command: CheckIn, decided: CheckInDecided, wait_s: int) -> Response:
    body = {"command_id": command.command_id, **{name: value for name, value in decided.items() if name != "_id"}}
    headers = {"Location": status_url(command), "Preference-Applied": f"wait={wait_s}", "Cache-Control": "no-store"}
    if command.request_id:
        headers["X-Request-Id"] = command.request_id
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")
