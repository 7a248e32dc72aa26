"""What organisers send: events, seat maps, changes; and what they are told. Part of the wire, as API.md fixes it.

``write_api`` enters here. Requests take snake_case and camelCase names; money is in minor units, times are RFC 3339.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from contracts.catalogue import is_time_zone
from contracts.event_commands import (
    MAX_DESCRIPTION,
    MAX_FOCAL_DISTANCE,
    MAX_HOLD_SECONDS,
    MAX_SEATS_BLOCKED,
    MAX_SEATS_PER_BLOCK,
    MAX_SEATS_PER_USER,
)
from contracts.messages import Name
from contracts.wire import MAX_MONEY

MAX_SECTIONS: Final = 1_000
MAX_ROWS: Final = 100_000
MAX_SEATS_LISTED: Final = 200_000
"""What a body of 5 MB can name at all."""

MOMENT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$"
Moment = Annotated[str, StringConstraints(pattern=MOMENT)]
Money = Annotated[int, Field(ge=0, le=MAX_MONEY)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Kind = Literal["concert", "sports", "theatre", "movie", "train", "other"]
Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{0,16}$")]
NO_NUL: Final = r"^[^\x00]*$"
"""The ledger's texts cannot hold a zero byte."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
RowLabel = Annotated[str, StringConstraints(max_length=16, pattern=NO_NUL)]
HoldSeconds = Annotated[int, Field(ge=0, le=MAX_HOLD_SECONDS)]
SeatLimit = Annotated[int, Field(ge=1, le=MAX_SEATS_PER_USER)]
Description = Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION, pattern=NO_NUL)]


class _Request(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=AliasGenerator(validation_alias=lambda name: AliasChoices(to_camel(name), name)),
    )


class RowRequest(_Request):
    """One row: its ``seats`` by id, in the order in which they stand, or ``count`` of them, numbered from ``first``."""

    row: RowLabel = ""
    seats: Annotated[list[Name] | None, Field(min_length=1, max_length=MAX_SEATS_PER_BLOCK)] = None
    count: Annotated[int | None, Field(ge=1, le=MAX_SEATS_PER_BLOCK)] = None
    first: Annotated[int, Field(ge=0, le=999_999)] = 1

    @model_validator(mode="after")
    def _says_which_seats(self) -> Self:
        if (self.seats is None) == (self.count is None):
            msg = "a row has seats, or a count of them"
            raise ValueError(msg)
        return self


class CategoryRequest(_Request):
    """Seats, or whole rows, of another category than the rest of their section."""

    category: Line
    price_minor: Money
    seats: Annotated[list[Name], Field(max_length=MAX_SEATS_LISTED)] = []
    rows: Annotated[list[RowLabel], Field(max_length=MAX_ROWS)] = []


class SectionRequest(_Request):
    """A section: ``rows``, or a list of ``seat_ids``, or ``places`` that have no numbers (general admission).

    Seats that are counted have the ids ``<prefix><row><number>``.
    """

    section: Name
    prefix: Prefix = ""
    rows: Annotated[list[RowRequest] | None, Field(min_length=1, max_length=MAX_ROWS)] = None
    seat_ids: Annotated[list[Name] | None, Field(min_length=1, max_length=MAX_SEATS_LISTED)] = None
    places: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    price_minor: Money | None = None
    currency: Currency | None = None
    category: Line | None = None
    categories: Annotated[list[CategoryRequest], Field(max_length=50)] = []
    accessible: Annotated[list[Name], Field(max_length=MAX_SEATS_LISTED)] = []

    @model_validator(mode="after")
    def _says_which_seats(self) -> Self:
        if sum(way is not None for way in (self.rows, self.seat_ids, self.places)) != 1:
            msg = "a section has one of rows, seat_ids and places"
            raise ValueError(msg)
        if self.currency is None and (self.price_minor is not None or self.categories):
            msg = "a price needs a currency"
            raise ValueError(msg)
        return self


class SeatMapRequest(_Request):
    """A seat map as JSON."""

    sections: Annotated[list[SectionRequest], Field(min_length=1, max_length=MAX_SECTIONS)]


class _Times(_Request):
    """What is said of an event's times and may not contradict itself."""

    on_sale_at: Moment | None = None
    off_sale_at: Moment | None = None
    departure: Moment | None = None
    arrival: Moment | None = None


class EventRequest(_Times):
    """``POST /api/events``. Without ``sections`` it is a draft that waits for its seat map.

    ``event_id``: made of the name where it is not said. ``publish``: whether it is shown and sold once it is complete.
    ``hold_seconds``: 0 books at once. ``focal_row`` and ``focal_offset``: where the best seats are. ``date`` may be
    left out where there is a ``departure``.
    """

    event_id: Name | None = None
    name: Line
    date: Moment | None = None
    time_zone: Annotated[Line, Field(description="The venue's, by its IANA name.")]
    kind: Kind = "other"
    venue: Line
    place: Line | None = None
    description: Description = ""
    hold_seconds: HoldSeconds = 0
    max_seats_per_user: SeatLimit | None = None
    production_id: Name | None = None
    production_name: Line | None = None
    origin: Line | None = None
    destination: Line | None = None
    focal_row: Annotated[int, Field(ge=0, le=MAX_FOCAL_DISTANCE)] = 0
    focal_offset: Annotated[int, Field(ge=-MAX_FOCAL_DISTANCE, le=MAX_FOCAL_DISTANCE)] = 0
    sections: Annotated[list[SectionRequest], Field(max_length=MAX_SECTIONS)] = []
    publish: bool = True

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not is_time_zone(self.time_zone):
            msg = "time_zone must be an IANA name, such as Europe/Vienna"
            raise ValueError(msg)
        if self.date is None and self.departure is None:
            msg = "an event has a date, or a departure"
            raise ValueError(msg)
        if self.kind == "train" and None in (self.origin, self.destination, self.departure, self.arrival):
            msg = "a train has an origin, a destination, a departure and an arrival"
            raise ValueError(msg)
        if (self.production_id is None) != (self.production_name is None):
            msg = "production_id and production_name go together"
            raise ValueError(msg)
        return self


class ChangeRequest(_Times):
    """``PATCH /api/events/{event_id}``: what is said is changed; null takes away what an event can do without.

    A limit of seats a person neither comes nor goes once the event is on sale; it may get another value.
    """

    name: Line | None = None
    date: Moment | None = None
    time_zone: Line | None = None
    venue: Line | None = None
    place: Line | None = None
    description: Description | None = None
    hold_seconds: HoldSeconds | None = None
    max_seats_per_user: SeatLimit | None = None
    production_id: Name | None = None
    production_name: Line | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            msg = "say what is to change"
            raise ValueError(msg)
        if self.time_zone is not None and not is_time_zone(self.time_zone):
            msg = "time_zone must be an IANA name, such as Europe/Vienna"
            raise ValueError(msg)
        return self


class SeatsRequest(_Request):
    """Seats of an event, at most a thousand."""

    seat_ids: Annotated[list[Name], Field(min_length=1, max_length=MAX_SEATS_BLOCKED)]

    @model_validator(mode="after")
    def _names_seats_once(self) -> Self:
        if len(set(self.seat_ids)) != len(self.seat_ids):
            msg = "seat_ids names a seat twice"
            raise ValueError(msg)
        return self


class BlockRequest(SeatsRequest):
    """Seats to keep back: a ``kill`` is never for sale, a ``house`` hold is the organiser's to give away."""

    purpose: Literal["kill", "house"] = "house"


class EventAccepted(BaseModel):
    """202 of what puts a whole event on the log; ``status_url`` is that of the last of its commands."""

    command_id: str
    status: Literal["pending"]
    status_url: str
    event_id: str
    event_url: str
    blocks: int
    seats: int


class SeatMapChecked(BaseModel):
    """200 of a dry run: what the seat map has; it was not put on the log."""

    sections: int
    blocks: int
    seats: int
