"""Tickets of confirmed bookings, as SVG, PDF or JSON, and the keys by which anybody can tell a genuine one.

The gateway enters here. A ticket is made anew each time, from what is shown now, and is the same as long as its booking
is. It lets nobody in by itself: whether its seat is still the booking's is decided at the gate, by the ledger
(docs/decisions/0028-tickets.md). Drawing is work for the processor, so it is done beside the event loop, and only so
many at once.
"""

import asyncio
from typing import Annotated, Final, Literal

import orjson
from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from contracts.admission import Ticket, TicketKey, TicketKeys, Tickets
from contracts.callers import Caller
from contracts.ids import IdMint
from contracts.outcomes import Status
from contracts.rights import may_have_tickets
from contracts.tickets import TicketClaims, TicketSigner, base64url
from contracts.tokens import SigningKeys
from contracts.wire import Id
from read_api import ticket_pdf, ticket_svg
from read_api.declared import add_page
from read_api.holders import Held, held, name_of_holder
from read_api.reaching import reached
from read_api.view import View
from runtime.credentials import Credentials
from runtime.problems import ProblemError

DRAWN_AT_ONCE: Final = 2
"""How many are drawn at the same time; each takes some 20 ms of a processor that bookings' readers want too."""

SVG: Final = "image/svg+xml"
PDF: Final = "application/pdf"
JSON: Final = "application/json"
_TYPES: Final = {"svg": SVG, "pdf": PDF, "json": JSON}

Format = Annotated[Literal["svg", "pdf", "json"] | None, Query(description="Instead of what `Accept` asks for.")]
Seat = Annotated[Id | None, Query(description="Only this seat's ticket.")]


class TicketPages:
    """The routes. ``keys``: those under which tickets are signed."""

    def __init__(self, view: View, mint: IdMint, credentials: Credentials[Caller], keys: SigningKeys) -> None:
        self._view = view
        self._mint = mint
        self._credentials = credentials
        self._signer = TicketSigner(keys.current, keys.keys[keys.current])
        self._keys = TicketKeys(
            keys=[TicketKey(kid=key_id, x=base64url(key)) for key_id, key in keys.public().keys.items()]
        )
        self._turns = asyncio.Semaphore(DRAWN_AT_ONCE)

    def add_to(self, app: FastAPI) -> None:
        """Route and declare the pages."""
        before = reached(self._view)
        add_page(
            app,
            "/api/bookings/{booking_id}/ticket",
            self.ticket,
            Tickets,
            before,
            tagged=False,
            private="for holders",
            also={SVG: {"schema": {"type": "string"}}, PDF: {"schema": {"type": "string", "format": "binary"}}},
            refusals=(problems.CONFLICT,),
        )
        add_page(app, "/api/tickets/keys", self.ticket_keys, TicketKeys, before, found_by_id=False, tagged=False)

    async def ticket(
        self,
        request: Request,
        booking_id: str,
        format: Format = None,  # noqa: A002 - its name on the wire
        seat_id: Seat = None,
    ) -> Response:
        """Show the tickets of a confirmed booking, one a seat: SVG, PDF or JSON, as `Accept` or `format` asks.

        A guest's are whoever's that holds the booking's id; an account's are its owner's, and the event's organiser
        and operators may have them too.
        """
        caller = self._credentials.optional(request.scope)
        found = await held(self._view, self._mint, booking_id)
        _check(found, caller)
        tickets = await self._tickets(found, caller, seat_id)
        kind = format or _accepted(request.headers.get("accept", ""))
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        if kind == "json":
            return Response(orjson.dumps(tickets.model_dump()), headers=headers, media_type=JSON)
        draw = ticket_pdf.drawn if kind == "pdf" else ticket_svg.drawn
        async with self._turns:
            body = await asyncio.to_thread(draw, tickets)
        headers["Content-Disposition"] = f'inline; filename="ticket-{booking_id}.{kind}"'
        return Response(body, headers=headers, media_type=_TYPES[kind])

    async def ticket_keys(self) -> Response:
        """Show the public keys of tickets (a JWK set), by which a gate without a network tells a genuine one."""
        headers = {"Cache-Control": "public, max-age=3600"}
        return Response(orjson.dumps(self._keys.model_dump()), headers=headers, media_type=JSON)

    async def _tickets(self, found: Held, caller: Caller | None, only: str | None) -> Tickets:
        booking, event = found
        seat_ids = [seat_id for seat_id in booking["seat_ids"] if only in (None, seat_id)]
        if not seat_ids:
            raise ProblemError(problems.NOT_FOUND, f"The booking has no seat {only}.")
        places = await self._view.places(booking["event_id"], seat_ids)
        issue = booking["version"]
        return Tickets(
            booking_id=booking["_id"],
            issue=issue,
            event_id=event["event_id"],
            event_name=event["name"],
            kind=event["kind"],
            venue=event["venue"],
            place=event.get("place"),
            date=event["date"],
            local_date=event.get("local_date", event["date"]),
            time_zone=event["time_zone"],
            origin=event.get("origin"),
            destination=event.get("destination"),
            departure=event.get("departure"),
            arrival=event.get("arrival"),
            holder=await name_of_holder(self._view, booking, caller),
            tickets=[
                Ticket(
                    seat_id=seat_id,
                    section=(place := places[seat_id]).section,
                    row=place.row,
                    category=place.category,
                    numbered=place.numbered,
                    code=self._signer.code(TicketClaims(booking["_id"], issue, event["event_id"], seat_id)),
                )
                for seat_id in seat_ids
            ],
        )


def _check(found: Held, caller: Caller | None) -> None:
    """Raise the problem when the caller may not have tickets of this booking, or it has none."""
    booking, event = found
    if not may_have_tickets(caller, booking["principal"], event.get("organiser", "")):
        raise ProblemError(problems.FORBIDDEN, "This booking is somebody's account's, and it is not yours.")
    if booking["status"] != Status.CONFIRMED:
        raise ProblemError(problems.CONFLICT, f"The booking is {booking['status']}: only a confirmed one has tickets.")
    if event.get("status") == "cancelled":
        raise ProblemError(problems.CONFLICT, "The event is cancelled: its tickets are no longer good.")


def _accepted(accept: str) -> str:
    """Return the first of our forms that ``Accept`` names with the highest weight; SVG where it names none of them."""
    best, most = "svg", 0.0
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_weight(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        name = next((name for name, of in _TYPES.items() if of == kind), None)
        if name is not None and weight > most:
            best, most = name, weight
    return best


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
