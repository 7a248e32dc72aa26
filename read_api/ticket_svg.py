"""Tickets as SVG: one card a seat, one below the other. Pure.

``tickets`` enters here. No outside assets, no script, no style but attributes, so that the strictest policy of a page
shows it. Every text of somebody's is escaped; black on white in any theme, since scanners want it so.
"""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import segno

from contracts.admission import Ticket, Tickets
from read_api.ticket_text import plain, seat_line, small_print, where_and_when, wrapped

WIDTH: Final = 720
HEIGHT: Final = 300
"""Of one card; there are at most ten."""
QR_SIDE: Final = 252
MARGIN: Final = 24
QUIET: Final = 4
"""Modules of white around a QR code (ISO/IEC 18004, 6.3.8)."""


def drawn(tickets: Tickets) -> bytes:
    """Return the drawing."""
    height = HEIGHT * len(tickets.tickets)
    cards = "".join(
        f'<g transform="translate(0 {HEIGHT * number})">{"".join(_card(tickets, ticket))}</g>'
        for number, ticket in enumerate(tickets.tickets)
    )
    label = _attribute(f"Tickets for {tickets.event_name}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label={label} font-family="system-ui, sans-serif" fill="#111">{cards}</svg>'
    ).encode()


def _card(tickets: Tickets, ticket: Ticket) -> Iterator[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff" stroke="#bbb"/>'
    y = MARGIN + 26
    for text, size, weight, width in _texts(tickets, ticket):
        for line in wrapped(text, width):
            yield f'<text x="{MARGIN}" y="{y}" font-size="{size}" font-weight="{weight}">{_text(line)}</text>'
            y += round(size * 1.35)
        y += 4
    for up, small in enumerate(reversed(small_print(tickets, ticket))):
        y = HEIGHT - MARGIN - 16 * up
        yield f'<text x="{MARGIN}" y="{y}" font-size="12" fill="#555">{_text(small)}</text>'
    yield _qr(ticket.code)


def _texts(tickets: Tickets, ticket: Ticket) -> Iterator[tuple[str, int, int, int]]:
    """Yield each text with its size, weight, and how many characters fit on a line."""
    yield tickets.event_name, 24, 700, 28
    for line in where_and_when(tickets):
        yield line, 15, 400, 48
    yield seat_line(ticket), 18, 700, 38
    if tickets.holder:
        yield tickets.holder, 15, 400, 48


def _qr(code: str) -> str:
    """Return a QR code as one path of horizontal runs of dark modules.

    It is the only drawing within a drawing: by that the page finds it (web/src/parts/Ticket.tsx).
    """
    rows = [bytes(row) for row in segno.make_qr(code, error="m").matrix]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while (x := row.find(1, x)) >= 0:
            end = row.find(0, x)
            end = len(row) if end < 0 else end
            runs.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = end
    side = len(rows) + 2 * QUIET
    return (
        f'<svg x="{WIDTH - QR_SIDE - MARGIN}" y="{MARGIN}" width="{QR_SIDE}" height="{QR_SIDE}" '
        f'viewBox="-{QUIET} -{QUIET} {side} {side}" shape-rendering="crispEdges">'
        f'<rect x="-{QUIET}" y="-{QUIET}" width="{side}" height="{side}" fill="#fff"/>'
        f'<path fill="#000" d="{"".join(runs)}"/></svg>'
    )


def _text(text: str) -> str:
    return escape(plain(text))


def _attribute(text: str) -> str:
    return quoteattr(plain(text))
