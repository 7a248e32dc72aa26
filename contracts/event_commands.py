"""Commands to an event: announce it, change it, sell it or not, call it off, keep seats back.

``write_api`` writes them, and ``audit`` the one to suspend a sale; ``worker.event_rules`` decides them. Each of an
organiser's says who asks: ``by`` is a principal, and only the event's organiser or an operator is heard. Messages from
before there were organisers say nobody, as their events do.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.messages import CommandId, Moment, Name, Text, ToEvent

MAX_SEATS_PER_BLOCK: Final = 1000
"""No command may stall a partition, so a hall arrives in blocks of at most this many seats of one section."""
MAX_BLOCKS_PER_EVENT: Final = 1000
MAX_SEATS_BLOCKED: Final = 1000
"""How many seats one command keeps back or releases; the same bound for the same reason."""
MAX_HOLD_SECONDS: Final = 86_400
MAX_FOCAL_DISTANCE: Final = 100_000
"""More rows than an event may have."""
MAX_SEATS_PER_USER: Final = 1_000_000
"""As many as the largest event has."""
MAX_DESCRIPTION: Final = 5_000
MAX_CATEGORIES_PER_BLOCK: Final = 50
MAX_FOUND: Final = 500
"""A sentence with some ids in it."""

LogTimeMs = Annotated[int, Field(ge=0, le=253_402_300_799_999)]
"""A moment on the log's time; the largest is the end of year 9999."""
SeatLimit = Annotated[int, Field(ge=1, le=MAX_SEATS_PER_USER)]
HoldSeconds = Annotated[int, Field(ge=0, le=MAX_HOLD_SECONDS)]
Money = Annotated[int, Field(ge=0)]
Description = Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION)]
Organiser = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,64}$")]
"""A principal; empty where nobody organises."""
BlockedSeats = Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_SEATS_BLOCKED)]


class _ByOrganiser(ToEvent):
    """``by``: the principal who asks; ``operator``: whether everything is theirs to change."""

    command_id: CommandId
    issued_at_ms: int
    by: Organiser = ""
    operator: bool = False


class CreateEvent(_ByOrganiser):
    """Announce an event; it sells nothing until ``PublishEvent``. Whoever asks is its organiser from then on.

    ``hold_seconds``: how long a booking is held for its payment; 0 confirms at once. ``focal_row`` (from the hall's
    front) and ``focal_offset`` (seats right of the row's middle): where the best seats are. ``max_seats_per_user``: how
    many a principal may have at once. Bookings are taken from ``on_sale_at_ms`` on and before ``off_sale_at_ms``.
    ``production_id``: what this is a showing or a service of. A train has the last four.
    """

    kind: Literal["create_event"] = "create_event"
    name: Text
    event_kind: Name
    venue: Text
    time_zone: Text
    date: Moment
    hold_seconds: HoldSeconds = 0
    focal_row: Annotated[int, Field(ge=0, le=MAX_FOCAL_DISTANCE)] = 0
    focal_offset: Annotated[int, Field(ge=-MAX_FOCAL_DISTANCE, le=MAX_FOCAL_DISTANCE)] = 0
    description: Description = ""
    place: Text | None = None
    max_seats_per_user: SeatLimit | None = None
    on_sale_at_ms: LogTimeMs | None = None
    off_sale_at_ms: LogTimeMs | None = None
    production_id: Name | None = None
    production_name: Text | None = None
    origin: Text | None = None
    destination: Text | None = None
    departure: Moment | None = None
    arrival: Moment | None = None


class Row(BaseModel):
    """One row of seats, in the order in which they stand."""

    model_config = ConfigDict(frozen=True)

    row: Annotated[str, StringConstraints(max_length=16)]
    seat_ids: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_SEATS_PER_BLOCK)]


class PricedSeats(BaseModel):
    """Seats of a block that are of another category than the rest of it."""

    model_config = ConfigDict(frozen=True)

    category: Text
    price_minor: Money
    seat_ids: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_SEATS_PER_BLOCK)]


class AddSeats(_ByOrganiser):
    """Add one block of a section to an event not yet published. ``price_minor``: in minor units of ``currency``.

    ``accessible``: which of its seats are for whoever asks for such ones. ``general_admission``: its places have ids,
    but no numbers that anybody sees; they are given out by count. ``category`` and ``price_minor`` are those of all
    seats that are not ``priced`` by themselves.
    """

    kind: Literal["add_seats"] = "add_seats"
    block: Annotated[int, Field(ge=0, lt=MAX_BLOCKS_PER_EVENT)]
    section: Name
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=MAX_SEATS_PER_BLOCK)]
    price_minor: Money | None = None
    currency: Annotated[str | None, StringConstraints(pattern=r"^[A-Z]{3}$")] = None
    accessible: Annotated[tuple[Name, ...], Field(max_length=MAX_SEATS_PER_BLOCK)] = ()
    general_admission: bool = False
    category: Text | None = None
    priced: Annotated[tuple[PricedSeats, ...], Field(max_length=MAX_CATEGORIES_PER_BLOCK)] = ()


class PublishEvent(_ByOrganiser):
    """Put an event on sale once all of its ``blocks`` are there."""

    kind: Literal["publish_event"] = "publish_event"
    blocks: Annotated[int, Field(ge=1, le=MAX_BLOCKS_PER_EVENT)]


Forgettable = Literal[
    "max_seats_per_user", "on_sale_at_ms", "off_sale_at_ms", "place", "production_id", "production_name"
]
"""What an event need not have, and may have no more."""


class ChangeEvent(_ByOrganiser):
    """Change what is said here of an event, and nothing else; ``forget`` what it is to have no more."""

    kind: Literal["change_event"] = "change_event"
    name: Text | None = None
    venue: Text | None = None
    time_zone: Text | None = None
    date: Moment | None = None
    description: Description | None = None
    place: Text | None = None
    hold_seconds: HoldSeconds | None = None
    max_seats_per_user: SeatLimit | None = None
    on_sale_at_ms: LogTimeMs | None = None
    off_sale_at_ms: LogTimeMs | None = None
    production_id: Name | None = None
    production_name: Text | None = None
    departure: Moment | None = None
    arrival: Moment | None = None
    forget: Annotated[tuple[Forgettable, ...], Field(max_length=6)] = ()


class OpenSale(_ByOrganiser):
    """Take bookings from now on, whatever the sale times said."""

    kind: Literal["open_sale"] = "open_sale"


class CloseSale(_ByOrganiser):
    """Take no more bookings; those that there are stay."""

    kind: Literal["close_sale"] = "close_sale"


class SuspendSales(ToEvent):
    """Take no more bookings, since what is known of this event does not agree: ``found`` says how, in a sentence.

    The auditor's, who is nobody's organiser. Whoever may open the sale opens it again (``OpenSale``).
    """

    kind: Literal["suspend_sales"] = "suspend_sales"
    command_id: CommandId
    issued_at_ms: int
    found: Annotated[str, StringConstraints(max_length=MAX_FOUND)] = ""


class CancelEvent(_ByOrganiser):
    """Call an event off: no bookings from now on, and those that there are end with the next ticks."""

    kind: Literal["cancel_event"] = "cancel_event"


class BlockSeats(_ByOrganiser):
    """Keep free seats back, all or none.

    A ``kill`` is never for sale (a camera stands there), a ``house`` hold is the organiser's to give away.
    """

    kind: Literal["block_seats"] = "block_seats"
    seat_ids: BlockedSeats
    purpose: Literal["kill", "house"] = "house"


class ReleaseSeats(_ByOrganiser):
    """Let seats that were kept back be booked again, all or none."""

    kind: Literal["release_seats"] = "release_seats"
    seat_ids: BlockedSeats


Organising = (
    CreateEvent | AddSeats | PublishEvent | ChangeEvent | OpenSale | CloseSale | CancelEvent | BlockSeats | ReleaseSeats
)
"""Everything that an organiser may ask of an event."""
AboutEvent = Organising | SuspendSales
"""Everything that is done to an event itself."""


def seats_of(command: AddSeats) -> list[str]:
    """Return a block's seats in map order."""
    return [seat_id for row in command.rows for seat_id in row.seat_ids]


def seats_named_by(command: AboutEvent) -> Sequence[str]:
    """Return the seats that a command to an event names, there or not."""
    if isinstance(command, AddSeats):
        return seats_of(command)
    return command.seat_ids if isinstance(command, BlockSeats | ReleaseSeats) else ()
