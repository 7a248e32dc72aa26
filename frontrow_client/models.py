"""Models: the wire's bodies as typed, frozen values.

Calls return them. They are this package's own, since it is installed without the services, and tests hold them against
the published OpenAPI document. A field that a later Frontrow adds is left out, and a word that it adds is passed on, so
an old client goes on working.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, SkipValidation

T = TypeVar("T")

BookingStatus = SkipValidation[
    Literal["pending", "held", "paying", "confirmed", "rejected", "failed", "cancelled", "expired"]
]
CommandStatus = SkipValidation[Literal["pending", "done", "refused", "failed"]]
EventStatus = SkipValidation[Literal["on_sale", "closed", "cancelled"]]
SeatStatus = SkipValidation[Literal["available", "held", "booked"]]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Best(_Model):
    """A wish: the best ``count`` seats together; ``max_price`` in minor units a seat."""

    count: int
    section: str | None = None
    max_price: int | None = None
    accessible: bool = False


class Offer(_Model):
    """Other seats, held for whoever was refused; ``book`` with its ``offer_id`` takes them."""

    offer_id: str
    seat_ids: list[str]
    expires_at: AwareDatetime


class Booking(_Model):
    """What became of a request for seats. What only the ledger knows is None while ``pending``."""

    booking_id: str
    event_id: str | None = None
    seat_ids: list[str] | None = None
    status: BookingStatus
    reason: str | None = None
    conflicts: list[str] = []
    offer: Offer | None = None
    user_id: str | None = None
    requested_at: AwareDatetime | None = None
    decided_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    version: int = 0
    position: str | None = None

    @property
    def decided(self) -> bool:
        """Whether there is an outcome."""
        return self.status != "pending"

    @property
    def has_seats(self) -> bool:
        """Whether its seats are nobody else's now."""
        return self.status in {"held", "paying", "confirmed"}


class CheckedIn(_Model):
    """Who came in with a seat: when, at which gate, let in ``by`` which principal."""

    seat_id: str
    checked_in_at: AwareDatetime
    gate: str | None
    by: str


class CommandOutcome(_Model):
    """What became of a command; ``kind`` and ``target`` are None while ``pending``.

    ``check_in``: of a check-in, the one that counts for its seat.
    """

    command_id: str
    kind: str | None = None
    target: str | None = None
    status: CommandStatus
    reason: str | None = None
    check_in: CheckedIn | None = None

    @property
    def decided(self) -> bool:
        """Whether there is an outcome."""
        return self.status != "pending"


class Ticket(_Model):
    """One seat's ticket; ``code``: what its QR code says."""

    seat_id: str
    section: str | None
    row: str | None
    category: str | None
    numbered: bool
    code: str


class Tickets(_Model):
    """The tickets of a confirmed booking, one a seat; ``local_date``: as clocks at the venue show it."""

    booking_id: str
    issue: int
    event_id: str
    event_name: str
    kind: str
    venue: str
    place: str | None
    date: AwareDatetime
    local_date: AwareDatetime
    time_zone: str
    origin: str | None
    destination: str | None
    departure: AwareDatetime | None
    arrival: AwareDatetime | None
    holder: str | None
    tickets: list[Ticket]


class SeatFigures(_Model):
    """How many seats are what now; ``blocked``: kept back."""

    available: int
    held: int
    booked: int
    blocked: int


class CategorySales(SeatFigures):
    """One category, at one price; ``revenue_minor``: what its booked seats cost."""

    category: str | None
    price_minor: int | None
    currency: str | None
    revenue_minor: int


class Revenue(_Model):
    """What all booked seats cost, in minor units of one currency."""

    currency: str
    revenue_minor: int


class SoldMinute(_Model):
    """How many seats became booked in the minute that begins at ``minute``."""

    minute: AwareDatetime
    seats: int


class Sales(_Model):
    """How an event sells: seats and money now, sold by minute, refused by reason."""

    event_id: str
    seats_total: int
    seats: SeatFigures
    categories: list[CategorySales]
    revenue: list[Revenue]
    sold: list[SoldMinute]
    sold_earlier: int
    refused: dict[str, int]
    counted_since: AwareDatetime | None
    version: int


class EventSummary(_Model):
    """An event without its seats."""

    event_id: str
    date: AwareDatetime
    name: str
    kind: str
    venue: str
    time_zone: str
    seats_total: int
    seats_available: int
    version: int
    status: EventStatus = "on_sale"
    local_date: AwareDatetime | None = None
    hold_seconds: int = 0
    place: str | None = None
    production_id: str | None = None
    production_name: str | None = None
    origin: str | None = None
    destination: str | None = None
    departure: AwareDatetime | None = None
    arrival: AwareDatetime | None = None
    on_sale_at: AwareDatetime | None = None
    off_sale_at: AwareDatetime | None = None
    max_seats_per_user: int | None = None


class Seat(_Model):
    """A seat of the map."""

    seat_id: str
    status: SeatStatus


class Event(EventSummary):
    """An event; ``seats`` is in map order, and None in a hall too big to list."""

    description: str = ""
    seats: list[Seat] | None


class CategoryPrice(_Model):
    """What seats of a category cost in a section; the usual price names no seats: it is that of all others."""

    category: str | None
    price_minor: int
    seat_ids: list[str] | None


class Section(_Model):
    """One section; ``price_minor`` in minor units of ``currency``. Places without numbers are counted, not listed."""

    event_id: str
    section: str
    price_minor: int | None
    currency: str | None
    prices: list[CategoryPrice] = []
    seats_total: int
    seats_available: int
    version: int
    seats: list[Seat]


class SectionAvailability(_Model):
    """A character a seat in map order: ``a`` available, ``h`` held, ``b`` booked."""

    section: str
    seats_total: int
    seats_available: int
    version: int
    status: str


class Availability(_Model):
    """What is free in an event, section by section."""

    event_id: str
    version: int
    sections: list[SectionAvailability]


class Check(_Model):
    """One thing that must work, and since when it does or does not."""

    status: str
    since: AwareDatetime
    detail: str = ""
    degraded: list[str] = []


class Health(_Model):
    """Whether bookings can be accepted, decided and shown."""

    status: str
    checks: dict[str, Check]


class Account(_Model):
    """Somebody who has registered."""

    user_id: str
    display_name: str
    email: str | None = None
    role: str
    created_at: AwareDatetime


class Production(_Model):
    """A movie, a train line: whatever events say that they belong to it."""

    production_id: str
    name: str | None
    kind: str
    events_total: int
    first_date: AwareDatetime
    last_date: AwareDatetime


class ProductionWithEvents(_Model):
    """A movie with its showtimes, a line with its services, by date."""

    production_id: str
    name: str
    kind: str
    events: list[EventSummary]


class EventAccepted(_Model):
    """What was announced; ``command_id`` is done when the event is on sale."""

    command_id: str
    event_id: str
    event_url: str
    blocks: int
    seats: int


class SeatMapChecked(_Model):
    """What a seat map has that was looked at and not imported."""

    sections: int
    blocks: int
    seats: int


class StreamedSection(_Model):
    """A section as a stream tells it."""

    section: str
    version: int
    seats_total: int
    seats_available: int


class SeatsByStatus(_Model):
    """Seat ids by what the seats are."""

    available: list[str] = []
    held: list[str] = []
    booked: list[str] = []


class EventSnapshot(_Model):
    """All of what is shown of an event. ``seats`` is None in a hall too big to list."""

    event: EventSummary
    sections: list[StreamedSection]
    seats: SeatsByStatus | None


class EventChange(_Model):
    """What is different since: facts of the event, sections in the place of those of the same name, seats."""

    event: dict[str, str | int | None]
    sections: list[StreamedSection]
    seats: SeatsByStatus | None


class StreamAge(_Model):
    """Up to when everything was told."""

    as_of: AwareDatetime | None


@dataclass(frozen=True, slots=True)
class Message(Generic[T]):
    """One message of a stream.

    ``name``: ``snapshot``, ``change``, ``stale`` while the view stands still, ``fresh`` when it moves again, and
    ``interrupted`` when the line was lost, which comes back by itself. ``data``: what a snapshot or change says;
    ``text``: as it came; ``mark``: what a lost line is taken up with.
    """

    name: str
    data: T | None = None
    text: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list; ``cursor`` asks for the next ones, and is None at the end."""

    items: tuple[T, ...]
    cursor: str | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
