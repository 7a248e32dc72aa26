"""A booking as a file for calendars (RFC 5545): one event, which takes the place of an earlier one of the same booking.

The gateway enters here. Moments are in UTC, which every calendar shows in its owner's own zone and none can get wrong;
how clocks at the venue show them is in the description. Whoever may read the booking may have the file: it says no
more. A booking that is given back says ``CANCELLED``, so that what was imported before is struck out.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.callers import Caller
from contracts.ids import IdMint
from contracts.outcomes import BookingStatus
from contracts.views import BookingView, EventView
from read_api.declared import add_page
from read_api.holders import held
from read_api.reaching import reached
from read_api.ticket_text import moment, plain
from read_api.view import View
from runtime.credentials import Credentials
from runtime.problems import ProblemError

CALENDAR: Final = "text/calendar"
LINE: Final = 75
"""Octets of a line at most (RFC 5545, 3.1); the rest goes on in the next one, which begins with a space."""

_STATUS: Final[Mapping[str, str]] = {
    BookingStatus.CONFIRMED: "CONFIRMED",
    BookingStatus.HELD: "TENTATIVE",
    BookingStatus.PAYING: "TENTATIVE",
    BookingStatus.CANCELLED: "CANCELLED",
    BookingStatus.EXPIRED: "CANCELLED",
}
"""What a calendar calls it; what was refused never was in one."""


class CalendarPages:
    """The route below ``/api/bookings``."""

    def __init__(self, view: View, mint: IdMint, credentials: Credentials[Caller]) -> None:
        self._view = view
        self._mint = mint
        self._credentials = credentials

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the page."""
        path = "/api/bookings/{booking_id}/calendar"
        only = {CALENDAR: {"schema": {"type": "string"}}}
        refusals = (problems.CONFLICT,)
        before = reached(self._view)
        add_page(app, path, self.calendar, None, before, tagged=False, private="for each", also=only, refusals=refusals)

    async def calendar(self, request: Request, booking_id: str) -> Response:
        """Show a booking as an iCalendar file, to be kept in a calendar. Times are right in every time zone."""
        self._credentials.optional(request.scope)  # nobody is shown less, but who has a session is told when it is over
        booking, event = await held(self._view, self._mint, booking_id)
        if booking["status"] not in _STATUS:
            raise ProblemError(problems.CONFLICT, f"The booking is {booking['status']}: there is nothing to attend.")
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{booking_id}.ics"',
        }
        return Response(calendar_file(booking, event), headers=headers, media_type=f"{CALENDAR}; charset=utf-8")


def calendar_file(booking: BookingView, event: EventView) -> bytes:
    """Return the file's octets."""
    return b"".join(folded_line(f"{name}:{value}") for name, value in _properties(booking, event))


def _properties(booking: BookingView, event: EventView) -> Iterator[tuple[str, str]]:
    begins, ends = event.get("departure") or event["date"], event.get("arrival")
    origin, destination = event.get("origin"), event.get("destination")
    journey = f"{origin} → {destination}" if origin and destination else ""
    place = ", ".join(part for part in (event["venue"], event.get("place")) if part)
    said = (journey, moment(begins, event["time_zone"]), f"Seats: {', '.join(booking['seat_ids'])}", booking["_id"])
    yield "BEGIN", "VCALENDAR"
    yield "VERSION", "2.0"
    yield "PRODID", "-//Frontrow//Bookings//EN"
    yield "METHOD", "PUBLISH"
    yield "BEGIN", "VEVENT"
    yield "UID", f"{booking['_id']}@frontrow"
    yield "DTSTAMP", _utc(booking["decided_at"])
    # A calendar keeps what has the higher number: the booking may change, and so may when and where it is.
    yield "SEQUENCE", str(booking["version"] + event["version"])
    yield "STATUS", _STATUS["cancelled" if event.get("status") == "cancelled" else booking["status"]]
    yield "DTSTART", _utc(begins)
    if ends:
        yield "DTEND", _utc(ends)
    yield "SUMMARY", escaped(event["name"])
    yield "LOCATION", escaped(place)
    yield "DESCRIPTION", escaped("\n".join(line for line in said if line))
    yield "END", "VEVENT"
    yield "END", "VCALENDAR"


def escaped(text: str) -> str:
    """Return a text as a value (RFC 5545, 3.3.11); whatever somebody may take for the end of a line is one in it."""
    # First the lines, then what is invisible: some of it ends a line.
    lines = "\n".join(plain(line) for line in text.splitlines())
    return lines.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded_line(line: str) -> bytes:
    """Return a content line in lines of at most ``LINE`` octets, never cut within a letter."""
    made, room = bytearray(), LINE
    for letter in line:
        octets = letter.encode()
        if len(octets) > room:
            made += b"\r\n "
            room = LINE - 1
        made += octets
        room -= len(octets)
    return bytes(made + b"\r\n")


def _utc(date: str) -> str:
    """Return an RFC 3339 UTC moment as a calendar has it: ``20270501T190000Z``."""
    return f"{date[:19].replace('-', '').replace(':', '')}Z"
