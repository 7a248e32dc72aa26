"""Attending: tickets, calendar files, check-ins, and how an event sells. Steps, no I/O.

``Client`` and ``AsyncClient`` enter here through ``Calls``; a gate that has no network is ``frontrow_client.gate``.
"""

from typing import Any, Final, Literal
from urllib.parse import quote

from pydantic import TypeAdapter

from frontrow_client.asking import Asking, read_in
from frontrow_client.models import CommandOutcome, Sales, Tickets
from frontrow_client.steps import Call, Request, Steps

LONGEST_WAIT_S: Final = 10
"""What a check-in may ask the other end to wait; a gate waits no longer."""

_COMMAND: Final = TypeAdapter(CommandOutcome)
_TICKETS: Final = TypeAdapter(Tickets)
_SALES: Final = TypeAdapter(Sales)
_OBJECT: Final = TypeAdapter(dict[str, Any])
_OBJECTS: Final = TypeAdapter(list[dict[str, Any]])


class Attending:
    """The calls of whoever goes to an event, and of who lets them in; and what operators look at."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    @Call
    def tickets(self, booking_id: str) -> Steps[Tickets]:
        """Return the tickets of a confirmed booking, with their codes."""
        path = f"/api/bookings/{quote(booking_id, safe='')}/ticket"
        return read_in(_TICKETS, (yield from self._asking.read(path, {"format": "json"})))

    @Call
    def ticket_file(self, booking_id: str, form: Literal["svg", "pdf"] = "pdf") -> Steps[bytes]:
        """Return the same tickets to be printed or shown."""
        path = f"/api/bookings/{quote(booking_id, safe='')}/ticket"
        return (yield from self._asking.read(path, {"format": form})).content

    @Call
    def calendar(self, booking_id: str) -> Steps[bytes]:
        """Return a booking as a file for calendars."""
        return (yield from self._asking.read(f"/api/bookings/{quote(booking_id, safe='')}/calendar")).content

    @Call
    def ticket_keys(self) -> Steps[dict[str, Any]]:
        """Return the keys that a gate without a network tells genuine tickets by (``Gate``)."""
        return read_in(_OBJECT, (yield from self._asking.read("/api/tickets/keys")))

    @Call
    def check_in(
        self, event_id: str, code: str, *, gate: str | None = None, wait_s: int = LONGEST_WAIT_S, key: str | None = None
    ) -> Steps[CommandOutcome]:
        """Let somebody in with a ticket's code. ``refused`` with ``already_checked_in`` says when, in ``check_in``.

        It is ``pending`` when it was not decided within ``wait_s``; ``command`` says what became of it.
        """
        body = {"code": code, **({"gate": gate} if gate is not None else {})}
        headers = {"Prefer": f"wait={min(wait_s, LONGEST_WAIT_S)}"} if wait_s else {}
        request = Request("POST", f"/api/events/{quote(event_id, safe='')}/check-ins", headers=headers, json=body)
        return read_in(_COMMAND, (yield from self._asking.change(request, key=key, waits_s=wait_s)))

    @Call
    def sales(self, event_id: str) -> Steps[Sales]:
        """Return how an event sells; for its organiser."""
        return read_in(_SALES, (yield from self._asking.read(f"/api/events/{quote(event_id, safe='')}/sales")))

    @Call
    def system(self) -> Steps[dict[str, Any]]:
        """Return the platform's parts as they are; for operators."""
        return read_in(_OBJECT, (yield from self._asking.read("/api/system")))

    @Call
    def dead_letters(self, *, before: str | None = None) -> Steps[list[dict[str, Any]]]:
        """Return messages that could not be decided, the newest first; for operators."""
        params = {"before": before} if before is not None else {}
        return read_in(_OBJECTS, (yield from self._asking.read("/api/dead-letters", params)))

    @Call
    def replay_dead_letter(self, letter_id: str) -> Steps[CommandOutcome]:
        """Put a dead letter's command on the log again; twice is once. For operators."""
        request = Request("POST", f"/api/dead-letters/{quote(letter_id, safe='')}/replay")
        return read_in(_COMMAND, (yield from self._asking.change(request)))
