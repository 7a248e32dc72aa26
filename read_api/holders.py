"""Who holds a booking: finds one by its id for whoever may have more than a look at it.

``tickets`` and ``calendars`` enter here. Looking at a booking takes its id alone; what its tickets are good for takes
being somebody, where that can be proved (``contracts.rights.may_have_tickets``).
"""

from typing import NamedTuple

from contracts import problems
from contracts.callers import Caller
from contracts.ids import BOOKING_PREFIX, IdMint
from contracts.views import BookingView, EventView
from read_api.bookings import undecided
from read_api.view import View
from runtime.problems import ProblemError


class Held(NamedTuple):
    """A decided booking, and its event."""

    booking: BookingView
    event: EventView


async def held(view: View, mint: IdMint, booking_id: str) -> Held:
    """Return the booking of an id and its event.

    Raises:
        ProblemError: 404 for an id that was never issued; 409 for a booking that is not decided, or has no event.
    """
    issued = mint.read(booking_id)
    if issued is None or issued.prefix != BOOKING_PREFIX:
        raise ProblemError(problems.NOT_FOUND, "No booking has this id.")
    watermark = await view.watermark()  # first, as for bookings
    booking = await view.booking(booking_id)
    if booking is None:
        status = undecided(issued, watermark)["status"]
        raise ProblemError(problems.CONFLICT, f"The booking is {status}: there is nothing to show of it yet.")
    event = await view.event_alone(booking["event_id"])
    if event is None:  # a refusal of an event that there is not
        raise ProblemError(problems.CONFLICT, f"The booking is {booking['status']}: there is no such event.")
    return Held(booking, event)


async def name_of_holder(view: View, booking: BookingView, caller: Caller | None) -> str | None:
    """Return the account's name whose booking it is, for a caller who may have its tickets; guests have none."""
    if caller is None or booking["principal"] is None:
        return None
    if caller.principal == booking["principal"]:
        return caller.user_id
    return (await view.names([booking["principal"]])).get(booking["principal"])
