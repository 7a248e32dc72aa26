"""Admission: tickets and check-ins as the wire has them.

``read_api`` enters here, which makes tickets, and ``write_api``, which takes check-ins. What a ticket's code says and
how it is proved genuine: ``contracts.tickets``.
"""

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.tickets import MAX_CODE
from contracts.wire import Id


class Ticket(BaseModel):
    """One seat's ticket. ``section`` and ``row`` are as the hall calls them; ``code``: what its QR code says.

    ``numbered``: whether its seat has a number that anybody sees; a place of general admission has none.
    """

    seat_id: str
    section: str | None
    row: str | None
    category: str | None
    numbered: bool
    code: str


class Tickets(BaseModel):
    """``GET /api/bookings/{booking_id}/ticket`` as JSON: the tickets of a confirmed booking, one a seat.

    ``holder``: the account's name, for itself, the event's organiser and operators; guests' names nobody keeps.
    ``issue``: the booking's version when these were made. ``local_date``: as clocks at the venue show it.
    """

    booking_id: str
    issue: int
    event_id: str
    event_name: str
    kind: str
    venue: str
    place: str | None
    date: str
    local_date: str
    time_zone: str
    origin: str | None
    destination: str | None
    departure: str | None
    arrival: str | None
    holder: str | None
    tickets: list[Ticket]


class TicketKey(BaseModel):
    """One public key (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: str


class TicketKeys(BaseModel):
    """``GET /api/tickets/keys``: the keys under which tickets are signed, as a JWK set (RFC 7517)."""

    keys: list[TicketKey]


class CheckInRequest(BaseModel):
    """``POST /api/events/{event_id}/check-ins``: a ticket's ``code``; or, by hand, ``booking_id`` and ``seat_id``.

    ``gate``: what the place is called where somebody comes in; told to whoever scans the same ticket again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    code: Annotated[str | None, StringConstraints(min_length=1, max_length=MAX_CODE)] = None
    booking_id: Annotated[Id | None, Field(validation_alias=AliasChoices("bookingId", "booking_id"))] = None
    seat_id: Annotated[Id | None, Field(validation_alias=AliasChoices("seatId", "seat_id"))] = None
    gate: Id | None = None

    @model_validator(mode="after")
    def _names_one_seat(self) -> Self:
        if (self.code is None) == (self.booking_id is None) or (self.booking_id is None) != (self.seat_id is None):
            msg = "give a code, or bookingId and seatId"
            raise ValueError(msg)
        return self
