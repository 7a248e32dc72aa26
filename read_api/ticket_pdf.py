"""Tickets as PDF: one page a seat, to be printed or kept on a phone. No I/O but the fonts beside this module.

``tickets`` enters here. What the fonts have no letter for (they have those of most European languages; see
``read_api/fonts``) is a hollow square; the seat, the time and the code never are. The same tickets are the same bytes.
"""

import io
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import segno
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from contracts.admission import Ticket, Tickets
from read_api.ticket_text import MAX_LINES, seat_line, small_print, where_and_when

PAGE: Final = (420, 298)
"""Points: A6, lying; a phone shows it as wide as it is, and two fit on a printed page."""
MARGIN: Final = 20
QR_SIDE: Final = 170
QUIET: Final = 4
GAP: Final = 12

REGULAR: Final = "TicketSans"
BOLD: Final = "TicketSans-Bold"
MISSING: Final = "□"

_FONTS: Final = Path(__file__).parent / "fonts"


def drawn(tickets: Tickets) -> bytes:
    """Return the document."""
    fonts()
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=PAGE, invariant=1)
    canvas.setTitle(f"Tickets for {tickets.event_name}")
    canvas.setAuthor("Frontrow")
    canvas.setSubject(tickets.booking_id)
    for ticket in tickets.tickets:
        _page(canvas, tickets, ticket)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


@cache
def fonts() -> dict[str, TTFont]:
    """Return the fonts, made known to the library once a process."""
    made = {name: TTFont(name, str(_FONTS / f"{name}.ttf")) for name in (REGULAR, BOLD)}
    for font in made.values():
        pdfmetrics.registerFont(font)
    return made


def _page(canvas: Canvas, tickets: Tickets, ticket: Ticket) -> None:
    width = PAGE[0] - QR_SIDE - 2 * MARGIN - GAP
    y = float(PAGE[1] - MARGIN - 14)
    for text, font, size in _texts(tickets, ticket):
        canvas.setFont(font, size)
        for line in _lines(text, font, size, width):
            canvas.drawString(MARGIN, y, line)
            y -= size * 1.3
        y -= 5
    canvas.setFont(REGULAR, 7)
    for up, small in enumerate(reversed(small_print(tickets, ticket))):
        canvas.drawString(MARGIN, MARGIN + 9 * up, small)
    _qr(canvas, ticket.code, PAGE[0] - MARGIN - QR_SIDE, PAGE[1] - MARGIN - QR_SIDE)


def _texts(tickets: Tickets, ticket: Ticket) -> Iterator[tuple[str, str, int]]:
    yield tickets.event_name, BOLD, 15
    for line in where_and_when(tickets):
        yield line, REGULAR, 9
    yield seat_line(ticket), BOLD, 11
    if tickets.holder:
        yield tickets.holder, REGULAR, 9


def _lines(text: str, font: str, size: int, width: float) -> list[str]:
    """Return a text in lines that fit, the last one cut off where it must be."""
    letters = fonts()[font].face.charToGlyph
    shown = "".join(c if ord(c) in letters else MISSING for c in " ".join(text.split()))

    def fits(line: str) -> bool:
        return bool(pdfmetrics.stringWidth(line, font, size) <= width)

    lines = simpleSplit(shown, font, size, width)
    kept = lines[:MAX_LINES]
    return [_cut(line, fits, more=number == MAX_LINES - 1 < len(lines) - 1) for number, line in enumerate(kept)]


def _cut(line: str, fits: Callable[[str], bool], *, more: bool) -> str:
    """Return a line that fits, with an ellipsis where ``more`` would follow or it was too long."""
    if not more and fits(line):
        return line
    while line and not fits(f"{line}…"):
        line = line[:-1]
    return f"{line}…"


def _qr(canvas: Canvas, code: str, left: float, bottom: float) -> None:
    rows = [bytes(row) for row in segno.make_qr(code, error="m").matrix]
    module = QR_SIDE / (len(rows) + 2 * QUIET)
    path = canvas.beginPath()
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                path.rect(left + (x + QUIET) * module, bottom + QR_SIDE - (y + 1 + QUIET) * module, module, module)
    canvas.drawPath(path, stroke=0, fill=1)
