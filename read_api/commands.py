"""Commands: what became of every command that is no booking request. Whoever holds the id may read it.

An id is treated as ``read_api.bookings`` treats a booking's: checked first, ``pending`` until decided or too late.
"""

from typing import Final

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.ids import COMMAND_PREFIX, IdMint
from contracts.outcomes import Reason, Status
from contracts.views import CheckInView
from contracts.wire import CommandOutcome
from read_api.bookings import PENDING, never_accepted
from read_api.conditional import never_kept
from read_api.declared import add_page
from read_api.reaching import reached
from read_api.view import View
from runtime.credentials import Credentials
from runtime.problems import ProblemError

_UNDECIDED: Final = {"kind": None, "target": None}


class CommandPages:
    """The route below ``/api/commands``."""

    def __init__(self, view: View, mint: IdMint, credentials: Credentials[Caller]) -> None:
        self._credentials = credentials
        self._view = view
        self._mint = mint

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the page."""
        add_page(
            app,
            "/api/commands/{command_id}",
            self.command,
            CommandOutcome,
            reached(self._view),
            tagged=False,
            private="for each",
        )

    async def command(self, request: Request, command_id: str) -> Response:
        """Show what became of a command; ``pending`` until it is decided and shown."""
        self._credentials.optional(request.scope)  # nobody is shown less, but who has a session is told when it is over
        issued = self._mint.read(command_id)
        if issued is None or issued.prefix != COMMAND_PREFIX:
            raise ProblemError(problems.NOT_FOUND, "No command has this id.")
        watermark = await self._view.watermark()  # first, as for bookings
        found = await self._view.command(command_id)
        body: dict[str, object] = {"command_id": command_id}
        if found is not None:
            body |= {name: found[name] for name in ("kind", "target", "status", "reason")}
            if "seat_id" in found:
                body["check_in"] = await self._check_in(found["target"], found["seat_id"])
        elif never_accepted(issued, watermark):
            body |= {**_UNDECIDED, "status": Status.FAILED, "reason": Reason.NEVER_ACCEPTED}
        else:
            body |= {**_UNDECIDED, "status": PENDING, "reason": None}
        headers = never_kept(watermark.as_of_ms(issued.partition))
        return Response(orjson.dumps(body), headers=headers, media_type="application/json")

    async def _check_in(self, booking_id: str, seat_id: str) -> CheckInView | None:
        """Return the check-in that counts for a seat: bookings are shown before the commands that changed them."""
        booking = await self._view.booking(booking_id)
        found = booking.get("check_ins", []) if booking is not None else []
        return next((one for one in found if one["seat_id"] == seat_id), None)
