"""Commands about a booking: give it back, extend its hold, pay for it.

Each is accepted into the log and answered with its own id.
The gateway enters here, for ``DELETE /api/bookings/{booking_id}`` and what lies below a booking. Nothing is decided
here: whether the caller may, and whether the booking is in a state for it, is the worker's to say, and the caller
follows ``status_url`` to its word. What the ledger says already is refused at once (``ledger``).
"""

from typing import Annotated, Any, Final

from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.commands import MAX_SEATS_PER_BOOKING, AboutBooking, CancelBooking, ExtendHold, StartPayment
from contracts.ids import BOOKING_PREFIX, COMMAND_PREFIX, IssuedId
from contracts.payment_tokens import TokenSeal
from contracts.wire import CommandAccepted, Id, PaymentRequest
from runtime.credentials import Credentials
from runtime.problems import ProblemError, request_id
from write_api.accepting import accepted, appended
from write_api.account_limits import AccountLimits
from write_api.commands import CommandLog
from write_api.declared import FOR_BOTH, command_responses, request_body
from write_api.idempotency import Idempotency, key_of
from write_api.ledger import Ledger
from write_api.requests import body_of, invalid

SeatIds = Annotated[
    list[Id],
    Query(alias="seat_id", max_length=MAX_SEATS_PER_BOOKING, description="Give back only these; several are allowed."),
]

_Fields = dict[str, Any]

_TAGS: Final = ["bookings"]


class BookingCommands:
    """The routes."""

    def __init__(
        self,
        log: CommandLog,
        idempotency: Idempotency,
        *,
        credentials: Credentials[Caller],
        limits: AccountLimits,
        ledger: Ledger,
        seal: TokenSeal,
    ) -> None:
        self._log = log
        self._idempotency = idempotency
        self._credentials = credentials
        self._limits = limits
        self._ledger = ledger
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
                openapi_extra=FOR_BOTH | (request_body(body) if body is not None else {}),
            )

    async def cancel_booking(self, request: Request, booking_id: str, seat_ids: SeatIds = []) -> Response:  # noqa: B006 - FastAPI's way to say none; never changed
        """Give back a booking, or some of its seats. Doing it twice is harmless."""
        if len(set(seat_ids)) != len(seat_ids):
            raise invalid([{"field": "seat_id", "message": "names a seat twice"}])
        booking, asked = await self._asked(request, booking_id, "cancel_booking")
        return await self._accept(booking, CancelBooking(**asked, seat_ids=tuple(seat_ids)))

    async def extend_hold(self, request: Request, booking_id: str) -> Response:
        """Let a booking's hold begin anew; once."""
        booking, asked = await self._asked(request, booking_id, "extend_hold")
        return await self._accept(booking, ExtendHold(**asked))

    async def start_payment(self, request: Request, booking_id: str) -> Response:
        """Pay for a held booking with the token that the payment provider gave the customer.

        The booking is `paying` until the provider has authorised it, then `confirmed`; declined, it is `held` as
        before, for as long as it was. Follow the booking for the end of it.
        """
        body = await body_of(request, PaymentRequest)
        booking, asked = await self._asked(request, booking_id, "start_payment")
        sealed = self._seal.seal(body.payment_token, booking_id)
        return await self._accept(booking, StartPayment(**asked, payment_token=sealed))

    async def _asked(self, request: Request, booking_id: str, kind: str) -> tuple[IssuedId, _Fields]:
        """Return the booking and what every command about it says: the first step of each of these calls.

        The command's id is derived from the request's ``Idempotency-Key``, where there is one. For somebody without a
        session the booking's id stands for the caller too: whoever holds it may do what can be done to a guest's.
        """
        caller = self._credentials.optional(request.scope)
        booking = self._log.read(BOOKING_PREFIX, booking_id)
        if booking is None:
            raise ProblemError(problems.NOT_FOUND, "No booking has this id.")
        if caller is not None:
            await self._limits.check(request.scope, caller)
        key = key_of(request.headers.raw, guest=caller is None)
        if key is None:
            command_id, issued_at_ms = self._log.issue_on(COMMAND_PREFIX, booking.partition)
        else:
            issued_at_ms = self._log.now_ms()
            command_id = self._idempotency.id_of(
                key,
                prefix=COMMAND_PREFIX,
                partition=booking.partition,
                principal=caller.principal if caller is not None else "",
                scope=f"{kind}:{booking.text}",
            )
        return (
            booking,
            {
                "command_id": command_id,
                "booking_id": booking_id,
                "issued_at_ms": issued_at_ms,
                "request_id": request_id(request),
                "keyed": key is not None,
                "principal": caller.principal if caller is not None else None,
                "operator": caller is not None and caller.operates,
            },
        )

    async def _accept(self, booking: IssuedId, command: AboutBooking) -> Response:
        """Answer once the log has the command, never before; or refuse it at once, where the ledger knows better."""
        await self._ledger.check(command)
        if command.keyed:
            await self._idempotency.recognise(command)
        await appended(command, self._log.append_about(booking, command))
        return accepted(command)
