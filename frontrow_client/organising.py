"""Organising: what organisers ask, and the catalogue. Steps, no I/O.

``Client`` and ``AsyncClient`` enter here through ``Calls``. A long body is sent as it is given, byte by byte, so that
the lines which a problem names are those of the file it came from.
"""

from typing import Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from frontrow_client.asking import Asking, read_in
from frontrow_client.models import CommandOutcome, EventAccepted, Page, Production, ProductionWithEvents, SeatMapChecked
from frontrow_client.paging import cursor
from frontrow_client.steps import Call, Params, Request, Steps

M = TypeVar("M", bound=BaseModel)

UPLOAD_S: Final = 60.0
"""A seat map of 5 MB may take so long to be read and put on the log, beside everything else that is asked."""

JSON: Final = "application/json"
_PRODUCTIONS: Final = TypeAdapter(tuple[Production, ...])
_COMMAND: Final = TypeAdapter(CommandOutcome)


class Organising:
    """The calls of organisers, and those about productions."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    @Call
    def productions(self, /, **filters: str | int) -> Steps[Page[Production]]:
        """Return movies and train lines: ``kind, cursor, limit`` choose."""
        answer = yield from self._asking.read("/api/productions", filters)
        return Page(read_in(_PRODUCTIONS, answer), cursor(answer))

    @Call
    def production(self, production_id: str) -> Steps[ProductionWithEvents]:
        """Return a production with its events."""
        answer = yield from self._asking.read(f"/api/productions/{quote(production_id, safe='')}")
        return read_in(TypeAdapter(ProductionWithEvents), answer)

    @Call
    def announce(self, event: bytes, *, key: str | None = None) -> Steps[EventAccepted]:
        """Announce an event, given as JSON; the command that is told is done when it is on sale."""
        return (yield from self._upload(EventAccepted, "/api/events", event, JSON, {}, key))

    @Call
    def import_seats(
        self, event_id: str, seats: bytes, *, content_type: str = JSON, publish: bool = True, key: str | None = None
    ) -> Steps[EventAccepted]:
        """Give a draft its seat map, as JSON or ``text/csv``; with ``publish`` it is put on sale."""
        path = f"/api/events/{quote(event_id, safe='')}/seats"
        params = {} if publish else {"publish": "false"}
        return (yield from self._upload(EventAccepted, path, seats, content_type, params, key))

    @Call
    def check_seats(self, event_id: str, seats: bytes, *, content_type: str = JSON) -> Steps[SeatMapChecked]:
        """Say what a seat map has, without importing it."""
        path = f"/api/events/{quote(event_id, safe='')}/seats"
        return (yield from self._upload(SeatMapChecked, path, seats, content_type, {"dry_run": "true"}, None))

    @Call
    def open_sale(self, event_id: str, *, key: str | None = None) -> Steps[CommandOutcome]:
        """Take bookings from now on; ``command`` says what became of it."""
        return (yield from self._about(event_id, "open", key))

    @Call
    def close_sale(self, event_id: str, *, key: str | None = None) -> Steps[CommandOutcome]:
        """Take no more bookings; ``command`` says what became of it."""
        return (yield from self._about(event_id, "close", key))

    def _about(self, event_id: str, what: str, key: str | None) -> Steps[CommandOutcome]:
        request = Request("POST", f"/api/events/{quote(event_id, safe='')}/{what}")
        return read_in(_COMMAND, (yield from self._asking.change(request, key=key)))

    def _upload(
        self, kind: type[M], path: str, content: bytes, content_type: str, params: Params, key: str | None
    ) -> Steps[M]:
        request = Request("POST", path, params, {"Content-Type": content_type}, content=content)
        answer = yield from self._asking.change(request, key=key, waits_s=UPLOAD_S)
        return read_in(TypeAdapter(kind), answer)
