"""Picking: ``pick``, the seat map that one walks through with the arrow keys while it changes.

Whoever wants to see before they book enters here. The screen is the terminal's second one, so what was there before is
there again afterwards. The map follows the event's stream in a thread of its own, which dies with the command.
"""

import os
import queue
import sys
import threading
from contextlib import suppress
from typing import Final

from rich.console import Group
from rich.live import Live

from frontrow_cli import booking, showing
from frontrow_cli.arguments import EventId, Section
from frontrow_cli.drawing import Look
from frontrow_cli.exits import Exit
from frontrow_cli.keys import each_key_at_once, typed
from frontrow_cli.looking import MOST_SEATS_DRAWN, sections_of
from frontrow_cli.picker import Picker
from frontrow_cli.visit import UsageError, Visit
from frontrow_client import Client, EventChange, EventSnapshot, FrontrowError, LiveEvent, Message

LOOK_AGAIN_S: Final = 0.5
"""The window may have another size by then."""
MOST_WAITING: Final = 1_000
"""Messages that were not drawn yet; the thread waits with the next one."""

_Messages = queue.Queue[Message[EventSnapshot | EventChange]]


def pick(visit: Visit, event_id: EventId, section: Section = None, wait: booking.Wait = None) -> Exit:
    """Choose seats on the map, with the arrow keys, and book them."""
    terminal = visit.printer.out
    if not (sys.stdin.isatty() and terminal.is_terminal) or terminal.is_dumb_terminal or visit.printer.as_json:
        msg = (
            "This needs a terminal that can move its cursor. "
            f"Without: frontrow seats {event_id}, then frontrow book {event_id} SEAT..."
        )
        raise UsageError(msg)
    picker = _picker(visit, event_id, section)
    with each_key_at_once():
        chosen = _walk(visit, event_id, picker)
    if not chosen:
        visit.printer.show("Nothing was booked.")
        return Exit.OK
    return booking.ask(visit, event_id, {"seats": chosen}, wait=wait)


def _picker(visit: Visit, event_id: str, section: str | None) -> Picker:
    event = visit.client.event(event_id)
    drawn = sections_of(visit, event_id, section)
    if drawn is None:
        msg = f"{event_id} has more than {MOST_SEATS_DRAWN:,} seats: choose in one --section. frontrow seats {event_id}"
        raise UsageError(msg)
    numbered = [(page, plan) for page, plan in drawn if plan.rows]
    if not numbered:
        msg = f"{event_id} has places without numbers alone. Book: frontrow book {event_id} --best 2 --section NAME"
        raise UsageError(msg)
    title = f"{event.name} · {showing.when(event.local_date or event.date)}"
    picker = Picker(
        title,
        [plan for _, plan in numbered],
        {page.section: showing.prices(page) for page, _ in numbered if page.price_minor is not None or page.prices},
        {seat.seat_id: str(seat.status) for page, _ in numbered for seat in page.seats},
    )
    picker.start()
    return picker


def _walk(visit: Visit, event_id: str, picker: Picker) -> list[str]:
    """Return the seats that were chosen at the end, or none."""
    live = LiveEvent()
    messages: _Messages = queue.Queue(MOST_WAITING)
    heard, wake = os.pipe()
    # A client of its own: the stream's line and the session's are not mixed.
    listening = Client(visit.settings.url)
    threading.Thread(target=_listen, args=(listening, event_id, messages, wake), daemon=True).start()
    console = visit.printer.out
    with Live(console=console, screen=True, auto_refresh=False) as screen:
        while True:
            look = Look(console.width, visit.printer.unicode)
            screen.update(Group(*picker.lines(look, console.height)), refresh=True)
            for key in typed(heard, LOOK_AGAIN_S):
                if key == "quit":
                    return []
                if key == "enter" and picker.chosen:
                    return picker.chosen
                if key == "enter":
                    picker.message = "Nothing is chosen yet: space chooses the seat in brackets."
                else:
                    picker.key(key)
            while not messages.empty():
                changed = live.hear(messages.get())
                known = {seat: status for seat, status in changed.items() if seat in picker.statuses}
                picker.fresh = live.fresh
                picker.hear(known)


def _listen(client: Client, event_id: str, messages: _Messages, wake: int) -> None:
    """Hand on what the stream tells; without it the map stands still, and the booking itself is the truth."""
    with suppress(FrontrowError, OSError):
        for message in client.follow_event(event_id):
            messages.put(message)
            os.write(wake, b".")
    with suppress(OSError):
        messages.put(Message("interrupted"))
        os.write(wake, b".")
