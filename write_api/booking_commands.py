"""Commands about a booking: give it back, extend its hold, pay for it.

Each is accepted into the log and answered with its own id.
The gateway enters here, for ``DELETE /api/bookings/{booking_id}`` and what lies below a booking. Whoever holds a
guest's booking id may do so. Nothing is decided here: whether the booking is in a state for it is the worker's to say,
and the caller follows ``status_url`` to its word.
"""

from typing import Annotated, Final

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.commands import MAX_SEATS_PER_BOOKING, AboutBooking, CancelBooking, ExtendHold, Name, StartPayment
from contracts.ids import BOOKING_PREFIX, COMMAND_PREFIX, IssuedId
from contracts.payment_tokens import TokenSeal
from contracts.wire import CommandAccepted, PaymentRequest
from runtime.credentials import Credentials
from runtime.problems import ProblemError, request_id
from runtime.producer import NotHandedOverError, OutcomeUnknownError
from write_api import metrics
from write_api.commands import CommandLog
from write_api.declared import command_responses, request_body
from write_api.idempotency import Idempotency, key_of
from write_api.requests import check_content_type, parse_as, read_body

SeatIds = Annotated[
    list[Name],
    Query(alias="seat_id", max_length=MAX_SEATS_PER_BOOKING, description="Give back only these; several are allowed."),
]

_TAGS: Final = ["bookings"]


class BookingCommands:
    """The routes."""

    def __init__(
        self, log: CommandLog, idempotency: Idempotency, credentials: Credentials[Caller], seal: TokenSeal
    ) -> None:
        self._log = log
        self._credentials = credentials
        self._idempotency = idempotency
        self._seal = seal

    def add_to(self, app: FastAPI) -> None:
        """Route and declare them."""
        for path, method, endpoint, body in (
            ("/api/bookings/{booking_id}", "DELETE", self.cancel_booking, None),
            ("/api/bookings/{booking_id}/extension", "POST", self.extend_hold, None),
            ("/api/bookings/{booking_id}/payment", "POST", self.start_payment, PaymentRequest),
        ):
            app.add_api_route(
                path,
                endpoint,
                methods=[method],
                status_code=202,
                response_model=CommandAccepted,
                responses=command_responses(takes_body=body is not None),
                operation_id=endpoint.__name__,
                tags=list(_TAGS),
                openapi_extra=request_body(body) if body is not None else None,
            )

    async def cancel_booking(self, request: Request, booking_id: str, seat_ids: SeatIds = []) -> Response:  # noqa: B006 - FastAPI's way to say none; never changed
        """Give back a booking, or some of its seats. Doing it twice is harmless."""
        self._credentials.optional(request.scope)
        booking = self._booking(booking_id)
        if len(set(seat_ids)) != len(seat_ids):
            errors = [{"field": "seat_id", "message": "names a seat twice"}]
            raise ProblemError(problems.INVALID_REQUEST, "Some fields are not what this call takes.", errors=errors)
        command_id, issued_at_ms, keyed = self._issue(request, booking, "cancel_booking")
        command = CancelBooking(
            command_id=command_id,
            booking_id=booking_id,
            issued_at_ms=issued_at_ms,
            request_id=request_id(request),
            keyed=keyed,
            seat_ids=tuple(seat_ids),
        )
        return await self._accept(booking, command)

    async def extend_hold(self, request: Request, booking_id: str) -> Response:
        """Let a booking's hold begin anew; once."""
        self._credentials.optional(request.scope)
        booking = self._booking(booking_id)
        command_id, issued_at_ms, keyed = self._issue(request, booking, "extend_hold")
        command = ExtendHold(
            command_id=command_id,
            booking_id=booking_id,
            issued_at_ms=issued_at_ms,
            request_id=request_id(request),
            keyed=keyed,
        )
        return await self._accept(booking, command)

    async def start_payment(self, request: Request, booking_id: str) -> Response:
        """Pay for a held booking with the token that the payment provider gave the customer.

        The booking is `paying` until the provider has authorised it, then `confirmed`; declined, it is `held` as
        before, for as long as it was. Follow the booking for the end of it.
        """
        self._credentials.optional(request.scope)
        if "content-encoding" in request.headers:
            raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.")
        headers = dict(request.headers.raw)
        check_content_type(headers.get(b"content-type", b""))
        booking = self._booking(booking_id)
        asked = parse_as(PaymentRequest, await read_body(request.receive, headers.get(b"content-length")))
        command_id, issued_at_ms, keyed = self._issue(request, booking, "start_payment")
        command = StartPayment(
            command_id=command_id,
            booking_id=booking_id,
            issued_at_ms=issued_at_ms,
            request_id=request_id(request),
            keyed=keyed,
            payment_token=self._seal.seal(asked.payment_token, booking_id),
        )
        return await self._accept(booking, command)

    def _booking(self, booking_id: str) -> IssuedId:
        booking = self._log.read(BOOKING_PREFIX, booking_id)
        if booking is None:
            raise ProblemError(problems.NOT_FOUND, "No booking has this id.")
        return booking

    def _issue(self, request: Request, booking: IssuedId, kind: str) -> tuple[str, int, bool]:
        """Return a command's id and time, and whether the id was derived from the request's ``Idempotency-Key``.

        The booking's id stands for the caller too: whoever holds it may do this.
        """
        key = key_of(request.headers.raw, guest=True)
        if key is None:
            return *self._log.issue_on(COMMAND_PREFIX, booking.partition), False
        scope = f"{kind}:{booking.text}"
        derived = self._idempotency.id_of(
            key, prefix=COMMAND_PREFIX, partition=booking.partition, principal="", scope=scope
        )
        return derived, self._log.now_ms(), True

    async def _accept(self, booking: IssuedId, command: AboutBooking) -> Response:
        """Answer once the log has the command; never before."""
        if command.keyed:
            await self._idempotency.recognise(command)
        status_url = f"/api/commands/{command.command_id}"
        try:
            await self._log.append_about(booking, command)
        except NotHandedOverError:
            metrics.log_unavailable.inc()
            detail = "The command was not accepted and never will be; it is safe to send it again."
            raise ProblemError(problems.LOG_UNAVAILABLE, detail) from None
        except OutcomeUnknownError:
            metrics.outcome_unknown.inc()
            detail = "The log did not confirm the command in time; it may have been accepted. Ask status_url first."
            members = {"command_id": command.command_id, "status_url": status_url}
            raise ProblemError(problems.OUTCOME_UNKNOWN, detail, members=members) from None
        metrics.accepted.inc()
        body = {"command_id": command.command_id, "status": "pending", "status_url": status_url}
        headers = {"Location": status_url, "Retry-After": "1", "Cache-Control": "no-store"}
        if command.request_id:
            headers["X-Request-Id"] = command.request_id
        return Response(orjson.dumps(body), 202, headers, "application/json")
