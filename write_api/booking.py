"""``POST /api/book``: accepts a booking; the hot path of this service.

The gateway enters here. It is an ASGI endpoint that is answered before the framework (``runtime.direct``), with ready
bytes for its answer: the framework's own handling costs a third of all of this (``write_api.document`` declares it in
OpenAPI).
It must never answer 202 before the acknowledgement, and must tell ``log-unavailable`` (never accepted, send it again)
from ``outcome-unknown`` (may have been accepted, look or wait) whatever fails.
"""

import time
from typing import Final, cast

import orjson
from starlette.types import Receive, Scope, Send

from contracts import problems
from contracts.bookings import shown
from contracts.callers import Caller
from contracts.commands import BestSeats, BookSeats
from contracts.ids import BOOKING_PREFIX
from contracts.positions import POSITION_HEADER
from contracts.views import BookingView
from contracts.wire import ACCEPTED_MESSAGE, BookingRequest, GuestBookingRequest
from runtime.credentials import Credentials, presented
from runtime.problems import ProblemError, sane_request_id
from runtime.producer import NotHandedOverError, OutcomeUnknownError
from write_api import idempotency, metrics, preferences
from write_api.account_limits import AccountLimits
from write_api.callers import Principals
from write_api.commands import CommandLog
from write_api.idempotency import Idempotency, key_of
from write_api.overload import STARTED, Overload
from write_api.requests import check_content_type, parse, read_body
from write_api.waiting import Outcomes


class Book:
    """The endpoint. ``guests``: whether one may book without a session."""

    __name__ = "book"  # the metrics' endpoint label

    def __init__(  # noqa: PLR0913 - each is a part that booking needs
        self,
        log: CommandLog,
        idempotency: Idempotency,
        outcomes: Outcomes,
        overload: Overload,
        *,
        credentials: Credentials[Caller],
        principals: Principals,
        limits: AccountLimits,
        guests: bool,
    ) -> None:
        self._log = log
        self._idempotency = idempotency
        self._outcomes = outcomes
        self._overload = overload
        self._credentials = credentials
        self._principals = principals
        self._limits = limits
        self._guests = guests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every refusal is raised as a problem."""
        headers = dict(scope["headers"])
        self._overload.check_start(headers.get(STARTED))
        if b"content-encoding" in headers:
            raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.")
        check_content_type(headers.get(b"content-type", b""))
        caller = self._credentials.optional(scope) if presented(headers) else None
        model = self._asks_as_guest(scope) if caller is None else BookingRequest
        asked = parse(model, await read_body(receive, headers.get(b"content-length")))
        self._overload.check(self._log.partition_of(asked.event_id))
        request_id = sane_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        if caller is not None:
            principal = await self._account(scope, asked, caller)
        else:
            principal = self._principals.of_guest(asked.user_id or "")  # it is there: a guest's request says it
        key = key_of(scope["headers"], guest=caller is None) if idempotency.HEADER in headers else None
        if key is None:
            booking_id, issued_at_ms = self._log.issue(BOOKING_PREFIX, asked.event_id)
        else:
            booking_id, issued_at_ms = self._derived(key, principal, asked.event_id), self._log.now_ms()
        wait_s = _preferred_wait_s(scope) if preferences.HEADER in headers and self._outcomes.listening else 0
        command = BookSeats(
            command_id=booking_id,
            event_id=asked.event_id,
            seat_ids=asked.seats,
            principal=principal,
            issued_at_ms=issued_at_ms,
            request_id=request_id,
            best=BestSeats(**asked.best.model_dump()) if asked.best is not None else None,
            offer=asked.offer,
            offer_id=asked.offer_id,
            keyed=key is not None,
            reply_to=self._outcomes.reply_to if wait_s else "",
        )
        if key is not None:
            await self._idempotency.recognise(command)
        if wait_s:
            booking = await self._append_and_wait(command, wait_s)
            if booking is not None:
                await _answer_in_full(send, booking, wait_s, request_id.encode(), caller)
                return
        else:
            await self._append(command)
        await _answer(send, booking_id.encode(), request_id.encode())

    def _asks_as_guest(self, scope: Scope) -> type[BookingRequest]:
        """Return what somebody without a session must send; raise 401 where guests are not taken."""
        if not self._guests:
            self._credentials.required(scope)
        return GuestBookingRequest

    async def _account(self, scope: Scope, asked: BookingRequest, caller: Caller) -> str:
        """Return the principal of the account whose session it is."""
        if asked.user_id not in (None, caller.user_id):
            raise ProblemError(problems.FORBIDDEN, "With a session one books for oneself: leave userId out.")
        await self._limits.check(scope, caller)
        return caller.principal

    async def _append(self, command: BookSeats) -> None:
        try:
            await self._log.append(command)
        except NotHandedOverError:
            metrics.log_unavailable.inc()
            detail = "The booking was not accepted and never will be; it is safe to send it again."
            raise ProblemError(problems.LOG_UNAVAILABLE, detail) from None
        except OutcomeUnknownError:
            metrics.outcome_unknown.inc()
            raise _unknown(command.command_id) from None
        metrics.accepted.inc()

    async def _append_and_wait(self, command: BookSeats, wait_s: int) -> BookingView | None:
        """Return the booking if it is decided within ``wait_s`` from now."""
        until = time.monotonic() + wait_s
        with self._outcomes.expected(command.command_id) as waiting:
            await self._append(command)
            told = await self._outcomes.outcome(command.command_id, waiting, until - time.monotonic())
            return cast("BookingView | None", told)

    def _derived(self, key: str, principal: str, event_id: str) -> str:
        return self._idempotency.id_of(
            key,
            prefix=BOOKING_PREFIX,
            partition=self._log.partition_of(event_id),
            principal=principal,
            scope=f"book:{event_id}",
        )


def _preferred_wait_s(scope: Scope) -> int:
    """Return what all ``Prefer`` fields together say; they are one list (RFC 9110, 5.3)."""
    return preferences.wait_s(b",".join(value for name, value in scope["headers"] if name == preferences.HEADER))


def _unknown(booking_id: str) -> ProblemError:
    return ProblemError(
        problems.OUTCOME_UNKNOWN,
        "The log did not confirm the booking in time; it may have been accepted. Ask status_url before sending again.",
        members={"booking_id": booking_id, "status_url": f"/api/bookings/{booking_id}"},
    )


_BODY: Final = (
    b'{"message":"%b","booking_id":"%%b","status":"pending","status_url":"/api/bookings/%%b"}'
    % ACCEPTED_MESSAGE.encode()
)


async def _answer(send: Send, booking_id: bytes, request_id: bytes) -> None:
    body = _BODY % (booking_id, booking_id)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"location", b"/api/bookings/" + booking_id),
        (b"retry-after", b"1"),
        (b"cache-control", b"no-store"),
    ]
    if request_id:
        headers.append((b"x-request-id", request_id))
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer_in_full(
    send: Send, booking: BookingView, wait_s: int, request_id: bytes, caller: Caller | None
) -> None:
    """Answer 200 with the booking; a refusal too, since the request was carried out and the answer is no."""
    body = orjson.dumps(shown(booking, caller))
    location = b"/api/bookings/" + booking["_id"].encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"location", location),
        (b"content-location", location),
        (b"preference-applied", b"wait=%d" % wait_s),
        (POSITION_HEADER.lower().encode(), booking["position"].encode()),
        (b"cache-control", b"no-store"),
    ]
    if request_id:
        headers.append((b"x-request-id", request_id))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
