"""The wire: request and response bodies of the public HTTP API, as API.md fixes them.

``write_api`` and ``read_api`` enter here. Responses are snake_case; requests also take the camelCase names.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from contracts.commands import MAX_SEATS_PER_BOOKING, Name, OfferId

MAX_MONEY: Final = 2**53 - 1
"""What every JSON reader keeps exactly."""
ACCEPTED_MESSAGE: Final = "Booking request received and is being processed."


class BestSeatsRequest(BaseModel):
    """The best ``count`` seats together; ``max_price`` in minor units a seat."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    count: Annotated[int, Field(ge=1, le=MAX_SEATS_PER_BOOKING)]
    section: Name | None = None
    max_price: Annotated[
        int | None, Field(validation_alias=AliasChoices("maxPrice", "max_price"), ge=0, le=MAX_MONEY)
    ] = None
    accessible: bool = False


class BookingRequest(BaseModel):
    """``POST /api/book``: one of ``seat_id``, ``seat_ids``, ``best`` and ``offer_id``; several seats are booked all or
    none. ``offer``: a refusal because seats are taken is to come with an offer of others. ``user_id``: the guest; with
    a session it may be left out."""  # noqa: D205, D209 - more than a line

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    user_id: Annotated[Name | None, Field(validation_alias=AliasChoices("userId", "user_id"))] = None
    event_id: Annotated[Name, Field(validation_alias=AliasChoices("eventId", "event_id"))]
    seat_id: Annotated[Name | None, Field(validation_alias=AliasChoices("seatId", "seat_id"))] = None
    seat_ids: Annotated[
        list[Name] | None,
        Field(validation_alias=AliasChoices("seatIds", "seat_ids"), min_length=1, max_length=MAX_SEATS_PER_BOOKING),
    ] = None
    best: BestSeatsRequest | None = None
    offer: bool = False
    offer_id: Annotated[OfferId | None, Field(validation_alias=AliasChoices("offerId", "offer_id"))] = None

    @model_validator(mode="after")
    def _names_seats_once(self) -> Self:
        ways = self.seat_id, self.seat_ids, self.best, self.offer_id
        if sum(way is not None for way in ways) != 1:
            msg = "give one of seatId, seatIds, best and offerId"
            raise ValueError(msg)
        if self.offer and not self.seats:
            msg = "an offer is made in place of seats that are named"
            raise ValueError(msg)
        if self.seat_ids is not None and len(set(self.seat_ids)) != len(self.seat_ids):
            msg = "seatIds names a seat twice"
            raise ValueError(msg)
        return self

    @property
    def seats(self) -> tuple[str, ...]:
        """The seats asked for by name, in the caller's order."""
        return (self.seat_id,) if self.seat_id is not None else tuple(self.seat_ids or ())


class GuestBookingRequest(BookingRequest):
    """The same without a session: it must say which guest asks."""

    user_id: Annotated[Name, Field(validation_alias=AliasChoices("userId", "user_id"))]


class BookingAccepted(BaseModel):
    """202 of ``POST /api/book``."""

    message: str
    booking_id: str
    status: Literal["pending"]
    status_url: str


class CommandAccepted(BaseModel):
    """202 of every other command."""

    command_id: str
    status: Literal["pending"]
    status_url: str


class CommandOutcome(BaseModel):
    """200 of ``GET /api/commands/{command_id}``; ``kind`` and ``target`` are null while ``pending``."""

    command_id: str
    kind: str | None
    target: str | None
    status: Literal["pending", "done", "refused", "failed"]
    reason: str | None


class Offer(BaseModel):
    """Other seats, held for whoever was refused; ``POST /api/book`` with ``offer_id`` takes them."""

    offer_id: str
    seat_ids: list[str]
    expires_at: str


class Booking(BaseModel):
    """200 of ``GET /api/bookings/{booking_id}``. What only the ledger knows is null while ``pending``.

    ``position``: where the outcome stands; a read with ``Frontrow-Min-Position`` shows at least as much.
    """

    booking_id: str
    event_id: str | None
    seat_ids: list[str] | None
    status: Literal["pending", "held", "paying", "confirmed", "rejected", "failed", "cancelled", "expired"]
    reason: str | None
    conflicts: list[str] = []
    offer: Offer | None = None
    user_id: str | None
    requested_at: str | None
    decided_at: str | None
    expires_at: str | None
    version: int
    position: str | None = None


class EventSummary(BaseModel):
    """One entry of ``GET /api/events``. ``date``: RFC 3339 UTC with ``Z``."""

    id_: Annotated[str, Field(alias="_id")]
    event_id: str
    date: str
    name: str
    kind: str
    venue: str
    time_zone: str
    seats_total: int
    seats_available: int
    version: int


class Seat(BaseModel):
    """A seat of the map; ``user_id`` is a field of the published form and always null in public views."""

    seat_id: str
    status: Literal["available", "held", "booked"]
    user_id: None = None


class Event(EventSummary):
    """``GET /api/events/{event_id}``; ``seats`` is in map order, and null in halls of over 50,000 seats."""

    seats: list[Seat] | None


class Section(BaseModel):
    """``GET /api/events/{event_id}/sections/{section}``; ``price_minor`` is in minor units of ``currency``.

    ``seats`` lists what has a number; a section of general admission has places that are counted alone.
    """

    event_id: str
    section: str
    price_minor: int | None
    currency: str | None
    seats_total: int
    seats_available: int
    version: int
    seats: list[Seat]


class SectionAvailability(BaseModel):
    """One section's compact status: a character a seat in map order, ``a`` available, ``h`` held, ``b`` booked."""

    section: str
    seats_total: int
    seats_available: int
    version: int
    status: str


class Availability(BaseModel):
    """``GET /api/events/{event_id}/availability``."""

    event_id: str
    version: int
    sections: list[SectionAvailability]


class FieldError(BaseModel):
    """One entry of a problem's ``errors``."""

    field: str
    message: str


class ProblemDocument(BaseModel):
    """RFC 9457. ``instance`` is the request id; an id and ``status_url`` are there where they help."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None
    booking_id: str | None = None
    command_id: str | None = None
    status_url: str | None = None
