"""Bookings: what became of a request. Whoever holds the id may read it; nobody can make one up.

An id is checked before anything is read, so an id that was never issued costs no query. One that was issued and is not
in the view is ``pending``, until the view is complete past the time after which the log refuses its command: then it is
``failed`` for good, and what the worker decides, should the command still arrive, is the same.
"""

import time
from typing import Annotated, Final

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from contracts import problems
from contracts.bookings import shown
from contracts.callers import Caller
from contracts.ids import ACCEPTANCE_BOUND_MS, BOOKING_PREFIX, IdMint, IssuedId
from contracts.outcomes import Reason, Status
from contracts.positions import MIN_POSITION_HEADER, POSITION_HEADER
from contracts.views import BookingView
from contracts.wire import Booking
from read_api.conditional import never_kept
from read_api.declared import add_page
from read_api.reaching import reach, reached
from read_api.unavailable import view_unavailable
from read_api.view import View, Watermark
from read_api.waiting import BookingWaits
from runtime.credentials import Credentials
from runtime.http import answer_directly
from runtime.mongo import MongoAwayError
from runtime.problems import ProblemError

BOOKINGS: Final = "/api/bookings/"
PENDING: Final = "pending"
MAX_WAIT_S: Final = 30
LOOK_EVERY_S: Final = 1.0
"""How often a wait looks whether there is still something to wait for."""

WaitS = Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait until the status leaves `pending`.")]


class BookingPages:
    """The route below ``/api/bookings``."""

    def __init__(self, view: View, mint: IdMint, waits: BookingWaits, credentials: Credentials[Caller]) -> None:
        self._credentials = credentials
        self._view = view
        self._mint = mint
        self._waits = waits

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the page."""
        add_page(
            app,
            f"{BOOKINGS}{{booking_id}}",
            self.booking,
            Booking,
            reached(self._view),
            tagged=False,
            private="for each",
        )
        answer_directly(app, "GET", BOOKINGS, self.directly, self.booking.__name__)

    async def directly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page of ``booking`` where there is no query: what clients who poll ask for, again and again.

        Before the framework (``runtime.direct``), which takes longer for such a request than all of this.
        """
        request = Request(scope)
        try:
            await reach(self._view, request.headers.get(MIN_POSITION_HEADER))
            answer = await self.booking(request, scope["path"].rpartition("/")[2])
        except MongoAwayError:
            raise view_unavailable() from None
        await answer(scope, receive, send)

    async def booking(self, request: Request, booking_id: str, wait: WaitS = 0) -> Response:
        """Show what became of a booking request; ``pending`` until it is decided and shown.

        ``user_id`` shows only to the account whose booking it is, to the event's organiser and to operators.
        """
        caller = self._credentials.optional(request.scope)
        issued = self._mint.read(booking_id)
        if issued is None or issued.prefix != BOOKING_PREFIX:
            raise ProblemError(problems.NOT_FOUND, "No booking has this id.")
        if wait:
            await self._wait(issued, wait)
        # The watermark first. The other way round, a booking that is shown between the two reads would be missing
        # from the first and covered by the second: told ``never_accepted`` although it was confirmed.
        watermark = await self._view.watermark()
        found = await self._view.booking(booking_id)
        body = (
            undecided(issued, watermark)
            if found is None
            else shown(found, caller, owner=await self._name(found, caller) if caller is not None else None)
        )
        headers = never_kept(watermark.as_of_ms(issued.partition))
        if found is not None and "position" in found:
            headers[POSITION_HEADER] = found["position"]
        return Response(orjson.dumps(body), headers=headers, media_type="application/json")

    async def _name(self, booking: BookingView, caller: Caller) -> str | None:
        """Return the name of whose booking it is, when the caller organises its event or operates."""
        principal = booking["principal"]
        if principal is None or not caller.organises:
            return None
        if not caller.operates:
            event = await self._view.event_alone(booking["event_id"])
            if event is None or event.get("organiser") != caller.principal:
                return None
        return (await self._view.names([principal])).get(principal)

    async def _wait(self, issued: IssuedId, wait_s: int) -> None:
        """Return when the booking is shown, when it is known that it never will be, or after ``wait_s``."""
        until = time.monotonic() + wait_s
        while (left_s := until - time.monotonic()) > 0:
            if await self._waits.until_shown(issued.text, min(left_s, LOOK_EVERY_S)):
                return
            if undecided(issued, await self._view.watermark())["status"] != PENDING:
                return


def undecided(issued: IssuedId, watermark: Watermark) -> dict[str, object]:
    """Return the booking of an id that was issued and that a view at least as new as ``watermark`` does not have."""
    too_late = never_accepted(issued, watermark)
    return {
        "booking_id": issued.text,
        "event_id": None,
        "seat_ids": None,
        "status": Status.FAILED if too_late else PENDING,
        "reason": Reason.NEVER_ACCEPTED if too_late else None,
        "user_id": None,
        "requested_at": None,
        "decided_at": None,
        "expires_at": None,
        "version": 0,
        "position": None,
    }


def never_accepted(issued: IssuedId, watermark: Watermark) -> bool:
    """Whether the log will never take the command of an id that a view as new as ``watermark`` does not have."""
    complete_ms = watermark.as_of_ms(issued.partition)
    # A derived id carries no time: it is settled by sending the request again, under the same key.
    return not issued.keyed and complete_ms is not None and complete_ms > issued.issued_at_ms + ACCEPTANCE_BOUND_MS
