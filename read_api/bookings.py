"""Bookings: what became of a request. Whoever holds the id may read it; nobody can make one up.

An id is checked before anything is read, so an id that was never issued costs no query. One that was issued and is not
in the view is ``pending``, until the view is complete past the time after which the log refuses its command: then it is
``failed`` for good, and what the worker decides, should the command still arrive, is the same.
"""

from typing import Final

import orjson
from fastapi import FastAPI
from starlette.responses import Response

from contracts import problems
from contracts.ids import ACCEPTANCE_BOUND_MS, BOOKING_PREFIX, IdMint, IssuedId
from contracts.outcomes import Reason, Status
from contracts.wire import Booking
from read_api.conditional import AS_OF, rfc3339
from read_api.declared import add_page
from read_api.view import View, Watermark
from runtime.problems import ProblemError

PENDING: Final = "pending"


class BookingPages:
    """The route below ``/api/bookings``."""

    def __init__(self, view: View, mint: IdMint) -> None:
        self._view = view
        self._mint = mint

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the page."""
        add_page(app, "/api/bookings/{booking_id}", self.booking, Booking, tagged=False)

    async def booking(self, booking_id: str) -> Response:
        """Show what became of a booking request; ``pending`` until it is decided and shown."""
        issued = self._mint.read(booking_id)
        if issued is None or issued.prefix != BOOKING_PREFIX:
            raise ProblemError(problems.NOT_FOUND, "No booking has this id.")
        # The watermark first. The other way round, a booking that is shown between the two reads would be missing
        # from the first and covered by the second: told ``never_accepted`` although it was confirmed.
        watermark = await self._view.watermark()
        found = await self._view.booking(booking_id)
        if found is None:
            body = undecided(issued, watermark)
        else:
            body = {
                "booking_id": booking_id,
                "event_id": found["event_id"],
                "seat_ids": found["seat_ids"],
                "status": found["status"],
                "reason": found["reason"],
                "user_id": None,
                "requested_at": found["requested_at"],
                "decided_at": found["decided_at"],
                "expires_at": found["expires_at"],
                "version": found["version"],
            }
            if found["reason"] == Reason.SEAT_TAKEN:
                body["conflicts"] = found["conflicts"]
            if "offer" in found:
                body["offer"] = found["offer"]
        headers = {"Cache-Control": "no-store"}
        as_of_ms = watermark.as_of_ms(issued.partition)
        if as_of_ms is not None:
            headers[AS_OF] = rfc3339(as_of_ms)
        return Response(orjson.dumps(body), headers=headers, media_type="application/json")


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
    }


def never_accepted(issued: IssuedId, watermark: Watermark) -> bool:
    """Whether the log will never take the command of an id that a view as new as ``watermark`` does not have."""
    complete_ms = watermark.as_of_ms(issued.partition)
    return complete_ms is not None and complete_ms > issued.issued_at_ms + ACCEPTANCE_BOUND_MS
