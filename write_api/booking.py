"""``POST /api/book``: accepts a booking; the hot path of this service.

The gateway enters here. It is an ASGI endpoint instead of a FastAPI function, with ready bytes for its answer: the
framework's own handling costs as much as all of this (DESIGN's figures; ``write_api.document`` declares it in OpenAPI).
It must never answer 202 before the acknowledgement, and must tell ``log-unavailable`` (never accepted, send it again)
from ``outcome-unknown`` (may have been accepted, look or wait) whatever fails.
"""

from functools import lru_cache
from typing import Final

from starlette.types import Receive, Scope, Send

from contracts import problems
from contracts.commands import BestSeats, BookSeats
from contracts.ids import BOOKING_PREFIX, opaque_principal
from contracts.wire import ACCEPTED_MESSAGE
from runtime.problems import ProblemError, sane_request_id
from runtime.producer import NotHandedOverError, OutcomeUnknownError
from write_api import metrics
from write_api.commands import CommandLog
from write_api.requests import check_content_type, parse, read_body

REMEMBERED_GUESTS: Final = 10_000
"""How many guests' opaque ids are kept at hand; the rest is computed again."""


class Book:
    """The endpoint. ``principal_key`` makes people opaque; see ``contracts.ids.opaque_principal``."""

    __name__ = "book"  # the metrics' endpoint label

    def __init__(self, log: CommandLog, principal_key: bytes) -> None:
        self._log = log
        self._principal = lru_cache(REMEMBERED_GUESTS)(
            lambda user_id: opaque_principal("guest", user_id, principal_key)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every refusal is raised as a problem."""
        headers = dict(scope["headers"])
        if b"content-encoding" in headers:
            raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.")
        check_content_type(headers.get(b"content-type", b""))
        asked = parse(await read_body(receive, headers.get(b"content-length")))
        request_id = sane_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        booking_id, issued_at_ms = self._log.issue(BOOKING_PREFIX, asked.event_id)
        command = BookSeats(
            command_id=booking_id,
            event_id=asked.event_id,
            seat_ids=asked.seats,
            principal=self._principal(asked.user_id),
            issued_at_ms=issued_at_ms,
            request_id=request_id,
            best=BestSeats(**asked.best.model_dump()) if asked.best is not None else None,
            offer=asked.offer,
            offer_id=asked.offer_id,
        )
        try:
            await self._log.append(command)
        except NotHandedOverError:
            metrics.log_unavailable.inc()
            detail = "The booking was not accepted and never will be; it is safe to send it again."
            raise ProblemError(problems.LOG_UNAVAILABLE, detail) from None
        except OutcomeUnknownError:
            metrics.outcome_unknown.inc()
            raise _unknown(booking_id) from None
        metrics.accepted.inc()
        await _answer(send, booking_id.encode(), request_id.encode())


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
