"""What a ticket says, in words: the same on every form of it. Pure.

``ticket_svg``, ``ticket_pdf`` and ``calendars`` enter here. English, and times as clocks at the venue show them, with
their zone.
"""

import re
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from contracts.admission import Ticket, Tickets
from contracts.catalogue import as_utc, local_time

MAX_LINES = 2
"""How many lines a name or place may take; what is longer ends in an ellipsis."""
CONTROL: Final = dict.fromkeys((*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF))
"""What XML or a calendar file (RFC 5545, 3.1) cannot hold in any form, and what is as invisible. No more: spaces that
keep words together, and joiners within letters and emoji, are what somebody wrote."""

_BETWEEN_WORDS: Final = re.compile(r"[-_.~]+")
_NUMBER: Final = re.compile(r"(?:[0-9]+|[A-Za-z])\Z")
"""What stands at the end of a seat's id."""


def where_and_when(tickets: Tickets) -> Iterator[str]:
    """Yield what all seats of a booking have in common."""
    yield moment(tickets.departure or tickets.date, tickets.time_zone)
    if tickets.origin and tickets.destination:
        arrives = f", arrives {moment(tickets.arrival, tickets.time_zone)}" if tickets.arrival else ""
        yield f"{tickets.origin} → {tickets.destination}{arrives}"
    yield ", ".join(part for part in (tickets.venue, tickets.place) if part)


def seat_line(ticket: Ticket) -> str:
    """Return which seat it is, called as on the page (``web/src/seatmap/names.ts``): ``Stalls · Row G, seat 5``."""
    named = (_section_name(ticket.section or ""), _seat_in_row(ticket) if ticket.numbered else "", ticket.category)
    return " · ".join(name for name in named if name)


def small_print(tickets: Tickets, ticket: Ticket) -> list[str]:
    """Return the lines for whoever lets somebody in by hand: the seat's id, where it has one, and the booking's."""
    return [*([ticket.seat_id] if ticket.numbered else []), f"{tickets.booking_id} · {tickets.issue}"]


def _section_name(section: str) -> str:
    spaced = _BETWEEN_WORDS.sub(" ", section).strip()
    return spaced[:1].upper() + spaced[1:]


def _seat_in_row(ticket: Ticket) -> str:
    found = _NUMBER.search(ticket.seat_id)
    number = found[0] if found else ticket.seat_id
    row = (ticket.row or "").rstrip("-_.~")
    return f"Row {row}, seat {number}" if row else f"Seat {number}"


def moment(date: str, time_zone: str) -> str:
    """Return a moment as clocks in a zone show it: ``Sat 1 May 2027, 21:00 (Europe/Vienna, UTC+02:00)``."""
    local = local_time(as_utc(date), time_zone)
    return f"{_day(local)}, {local:%H:%M} ({time_zone}, UTC{local.isoformat()[-6:]})"


def _day(local: datetime) -> str:
    # Not strftime's names, which are those of the process' locale.
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[local.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{weekday} {local.day} {months[local.month - 1]} {local.year}"


def plain(text: str) -> str:
    """Return a text without ``CONTROL``."""
    return text.translate(CONTROL)


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in at most ``MAX_LINES`` lines of ``width`` characters."""
    return textwrap.wrap(text, width, max_lines=MAX_LINES, placeholder="…") or [""]
