"""The wire: request and response bodies of the public HTTP API, as API.md fixes them.

``write_api`` and ``read_api`` enter here. Responses are snake_case; requests also take the camelCase names.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from contracts.commands import MAX_SEATS_PER_BOOKING, OfferId
from contracts.payment_tokens import MAX_TOKEN

MAX_MONEY: Final = 2**53 - 1
"""What every JSON reader keeps exactly."""
Id = Annotated[
    str,
    StringConstraints(
        pattern=r"^([A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}|\.[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,62}|\.\.[A-Za-z0-9._~-]{1,62})$"
    ),
]
"""An id as callers may give it: a ``Name`` of the log but for "." and "..", which no address can carry: clients and the
gateway take them for folders. Old messages may still have them, so the log's own pattern stays what it was."""
ACCEPTED_MESSAGE: Final = "Booking request received and is being processed."


class BestSeatsRequest(BaseModel):
    """The best ``count`` seats together; ``max_price`` in minor units a seat."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    count: Annotated[int, Field(ge=1, le=MAX_SEATS_PER_BOOKING)]
    section: Id | None = None
    max_price: Annotated[
        int | None, Field(validation_alias=AliasChoices("maxPrice", "max_price"), ge=0, le=MAX_MONEY)
    ] = None
    accessible: bool = False


class BookingRequest(BaseModel):
    """``POST /api/book``: one of ``seat_id``, ``seat_ids``, ``best`` and ``offer_id``; several seats are booked all or
    none. ``offer``: a refusal because seats are taken is to come with an offer of others. ``user_id``: the guest; with
    a session it may be left out."""  # noqa: D205, D209 - more than a line

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    user_id: Annotated[Id | None, Field(validation_alias=AliasChoices("userId", "user_id"))] = None
    event_id: Annotated[Id, Field(validation_alias=AliasChoices("eventId", "event_id"))]
    seat_id: Annotated[Id | None, Field(validation_alias=AliasChoices("seatId", "seat_id"))] = None
    seat_ids: Annotated[
        list[Id] | None,
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

    user_id: Annotated[Id, Field(validation_alias=AliasChoices("userId", "user_id"))]


def _printable(token: str) -> str:
    if not 1 <= len(token) <= MAX_TOKEN or not token.isascii() or not token.isprintable():
        msg = f"must be 1 to {MAX_TOKEN} printable ASCII characters"
        raise ValueError(msg)
    return token


class PaymentRequest(BaseModel):
    """``POST /api/bookings/{booking_id}/payment``: what the payment provider gave the customer for this payment."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    payment_token: Annotated[
        str,
        AfterValidator(_printable),
        Field(
            validation_alias=AliasChoices("paymentToken", "payment_token"),
            json_schema_extra={"minLength": 1, "maxLength": MAX_TOKEN},
            repr=False,
        ),
    ]


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


class CheckedIn(BaseModel):
    """Who came in with a seat: when, on the log's time, at which ``gate``, let in ``by`` which principal."""

    seat_id: str
    checked_in_at: str
    gate: str | None
    by: str


class CommandOutcome(BaseModel):
    """200 of ``GET /api/commands/{command_id}``; ``kind`` and ``target`` are null while ``pending``.

    ``check_in``: of a check-in, the one that counts for its seat: its own, or the earlier one that it is refused for.
    """

    command_id: str
    kind: str | None
    target: str | None
    status: Literal["pending", "done", "refused", "failed"]
    reason: str | None
    check_in: CheckedIn | None = None


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


class EventBooking(Booking):
    """One entry of ``GET /api/events/{event_id}/bookings``.

    ``principal``: the opaque id of whose it is; ``user_id``: the account's name, null for guests and erased accounts.
    ``check_ins``: who came in, seat by seat.
    """

    principal: str | None
    check_ins: list[CheckedIn] = []


class EventSummary(BaseModel):
    """One entry of ``GET /api/events``. ``date``: RFC 3339 UTC with ``Z``; ``local_date``: as clocks there show it.

    ``status`` does not look at the clock: bookings are taken from ``on_sale_at`` on and before ``off_sale_at``.
    """

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
    status: Literal["on_sale", "closed", "cancelled"] = "on_sale"
    local_date: str | None = None
    hold_seconds: int = 0
    place: str | None = None
    production_id: str | None = None
    production_name: str | None = None
    origin: str | None = None
    destination: str | None = None
    departure: str | None = None
    arrival: str | None = None
    on_sale_at: str | None = None
    off_sale_at: str | None = None
    max_seats_per_user: int | None = None


class Production(BaseModel):
    """One entry of ``GET /api/productions``: a movie, a train line; whatever events say that they belong to it."""

    production_id: str
    name: str | None
    kind: str
    events_total: int
    first_date: str
    last_date: str


class ProductionWithEvents(BaseModel):
    """``GET /api/productions/{production_id}``: a movie with its showtimes, a line with its services, by date."""

    production_id: str
    name: str
    kind: str
    events: list[EventSummary]


class Seat(BaseModel):
    """A seat of the map; ``user_id`` is a field of the published form and always null in public views."""

    seat_id: str
    status: Literal["available", "held", "booked"]
    user_id: None = None


class Event(EventSummary):
    """``GET /api/events/{event_id}``; ``seats`` is in map order, and null in halls of over 50,000 seats."""

    description: str = ""
    seats: list[Seat] | None


class CategoryPrice(BaseModel):
    """What seats of a category cost in a section; the usual price names no seats: it is that of all others."""

    category: str | None
    price_minor: int
    seat_ids: list[str] | None


class Section(BaseModel):
    """``GET /api/events/{event_id}/sections/{section}``; ``price_minor`` is in minor units of ``currency``.

    ``seats`` lists what has a number; a section of general admission has places that are counted alone.
    """

    event_id: str
    section: str
    price_minor: int | None
    currency: str | None
    prices: list[CategoryPrice] = []
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


class StreamedSection(BaseModel):
    """A section as a stream tells it; ``version`` is that of ``GET /api/events/{event_id}/sections/{section}``."""

    section: str
    version: int
    seats_total: int
    seats_available: int


class SeatsByStatus(BaseModel):
    """Seat ids by what the seats are; a status that no seat has may be missing."""

    available: list[str] = []
    held: list[str] = []
    booked: list[str] = []


class EventSnapshot(BaseModel):
    """``data`` of an event stream's ``snapshot``. ``seats`` is null in halls of over 50,000 seats: read the sections
    whose version is higher than the one you have. Places without numbers are counted in their section alone."""  # noqa: D205, D209 - two

    event: EventSummary
    sections: list[StreamedSection]
    seats: SeatsByStatus | None


class EventChange(BaseModel):
    """``data`` of an event stream's ``change``: the snapshot's form, with what is different and nothing else.

    ``event``: its version, and the facts that changed; ``sections``: those in which something did, to take the place of
    the ones of the same name; ``seats``: those that changed, by what they are now.
    """

    event: dict[str, str | int | None]
    sections: list[StreamedSection]
    seats: SeatsByStatus | None


class StreamAge(BaseModel):
    """``data`` of a stream's ``stale`` and ``fresh``: up to when everything was told, as in ``Frontrow-As-Of``."""

    as_of: str | None


class FieldError(BaseModel):
    """One entry of a problem's ``errors``; ``line``: where it stands in a long body."""

    field: str
    message: str
    line: int | None = None


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
