"""Commands: what is put on the log, in the imperative.

``write_api`` and the worker's tick write them, ``worker`` decides. A message's value is one command as JSON, its key
the event id. Fields are only ever added, with a default: the log keeps everything, and every old message must stay
readable. Golden copies: ``contracts/examples``.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from contracts.payment_tokens import MAX_SEALED

MAX_SEATS_PER_BOOKING: Final = 10
MAX_SEATS_PER_BLOCK: Final = 1000
"""No command may stall a partition, so a hall arrives in blocks of at most this many seats of one section."""
MAX_BLOCKS_PER_EVENT: Final = 1000
MAX_HOLD_SECONDS: Final = 86_400
MAX_FOCAL_DISTANCE: Final = 100_000
"""More rows than an event may have."""
MAX_PAYMENT_ATTEMPTS: Final = 1_000_000
"""Far above what one hold has time for; the ledger keeps the number in four bytes."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]
"""Ids of events, seats, sections and users on the wire and on the log."""
CommandId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}_[A-Za-z0-9_-]{36}$")]
OfferId = Annotated[str, StringConstraints(pattern=r"^of_[A-Za-z0-9_-]{36}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: str = Field(default="", max_length=64)
    keyed: bool = False
    """Its id was derived from an ``Idempotency-Key`` and carries no time, so it is never too late for the log."""


class _Command(_Message):
    """A command to an event; it lies on the event's partition."""

    event_id: Name


class BestSeats(BaseModel):
    """Wish for the best ``count`` seats together; ``max_price`` in minor units a seat."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    count: Annotated[int, Field(ge=1, le=MAX_SEATS_PER_BOOKING)]
    section: Name | None = None
    max_price: Annotated[int | None, Field(ge=0)] = None
    accessible: bool = False


class BookSeats(_Command):
    """Book seats for this principal, all or none: these, the ``best`` that are free then, or those of an offer.

    ``issued_at_ms``: when the id was made; ``offer``: whether a refusal is to come with an offer of other seats.
    ``reply_to``: the channel on which somebody waits for the outcome (``contracts.announcements``); empty: nobody does.
    """

    kind: Literal["book_seats"] = "book_seats"
    command_id: CommandId
    seat_ids: Annotated[tuple[Name, ...], Field(max_length=MAX_SEATS_PER_BOOKING)] = ()
    principal: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    issued_at_ms: int
    best: BestSeats | None = None
    offer: bool = False
    offer_id: OfferId | None = None
    reply_to: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{0,32}$")] = ""

    @model_validator(mode="after")
    def _asks_in_one_way(self) -> Self:
        if self.seat_ids and self.best is None and self.offer_id is None:
            return self  # nearly all
        if bool(self.seat_ids) + (self.best is not None) + (self.offer_id is not None) != 1:
            msg = "a booking names its seats, leaves the choice to us, or takes an offer"
            raise ValueError(msg)
        return self


class CreateEvent(_Command):
    """Announce an event; it sells nothing until ``PublishEvent``. ``date``: RFC 3339 UTC with ``Z``.

    ``hold_seconds``: how long a booking is held for its payment; 0 confirms at once. ``focal_row`` (from the hall's
    front) and ``focal_offset`` (seats right of the row's middle): where the best seats are.
    """

    kind: Literal["create_event"] = "create_event"
    command_id: CommandId
    issued_at_ms: int
    name: Text
    event_kind: Name
    venue: Text
    time_zone: Text
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    hold_seconds: Annotated[int, Field(ge=0, le=MAX_HOLD_SECONDS)] = 0
    focal_row: Annotated[int, Field(ge=0, le=MAX_FOCAL_DISTANCE)] = 0
    focal_offset: Annotated[int, Field(ge=-MAX_FOCAL_DISTANCE, le=MAX_FOCAL_DISTANCE)] = 0


class Row(BaseModel):
    """One row of seats, in the order in which they stand."""

    model_config = ConfigDict(frozen=True)

    row: Annotated[str, StringConstraints(max_length=16)]
    seat_ids: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MAX_SEATS_PER_BLOCK)]


class AddSeats(_Command):
    """Add one block of a section to an event not yet published. ``price_minor``: in minor units of ``currency``.

    ``accessible``: which of its seats are for whoever asks for such ones. ``general_admission``: its places have ids,
    but no numbers that anybody sees; they are given out by count.
    """

    kind: Literal["add_seats"] = "add_seats"
    command_id: CommandId
    issued_at_ms: int
    block: Annotated[int, Field(ge=0, lt=MAX_BLOCKS_PER_EVENT)]
    section: Name
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=MAX_SEATS_PER_BLOCK)]
    price_minor: Annotated[int | None, Field(ge=0)] = None
    currency: Annotated[str | None, StringConstraints(pattern=r"^[A-Z]{3}$")] = None
    accessible: Annotated[tuple[Name, ...], Field(max_length=MAX_SEATS_PER_BLOCK)] = ()
    general_admission: bool = False


class PublishEvent(_Command):
    """Put an event on sale once all of its ``blocks`` are there."""

    kind: Literal["publish_event"] = "publish_event"
    command_id: CommandId
    issued_at_ms: int
    blocks: Annotated[int, Field(ge=1, le=MAX_BLOCKS_PER_EVENT)]


class BookingCommand(_Message):
    """A command about a booking. It names no event: it lies on the booking's partition, which is the event's."""

    command_id: CommandId
    booking_id: CommandId
    issued_at_ms: int


class CancelBooking(BookingCommand):
    """Give back these seats of a booking; none named are all of them."""

    kind: Literal["cancel_booking"] = "cancel_booking"
    seat_ids: Annotated[tuple[Name, ...], Field(max_length=MAX_SEATS_PER_BOOKING)] = ()
    by: Literal["customer", "organiser"] = "customer"


class ExtendHold(BookingCommand):
    """Let a hold begin anew; once."""

    kind: Literal["extend_hold"] = "extend_hold"


class StartPayment(BookingCommand):
    """Begin to pay a held booking with what the provider's ``payment_token`` stands for.

    The token is sealed (``contracts.payment_tokens``): the log keeps it, and only ``payments`` can read it.
    """

    kind: Literal["start_payment"] = "start_payment"
    payment_token: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SEALED)]


class SettlePayment(BookingCommand):
    """What the provider said of the authorisation of a payment; ``attempt``: the booking's, from 1."""

    kind: Literal["settle_payment"] = "settle_payment"
    attempt: Annotated[int, Field(ge=1, le=MAX_PAYMENT_ATTEMPTS)]
    result: Literal["authorised", "declined"]


class Tick(BaseModel):
    """Move the log's time on one partition. Has no outcome; its time is the broker's stamp, never its own."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["tick"] = "tick"


EventCommand = BookSeats | CreateEvent | AddSeats | PublishEvent
AboutBooking = CancelBooking | ExtendHold | StartPayment | SettlePayment
Command = EventCommand | AboutBooking
_message: TypeAdapter[Command | Tick] = TypeAdapter(Annotated[Command | Tick, Field(discriminator="kind")])


def encode(command: Command | Tick) -> bytes:
    """Return the message value of a command."""
    return command.__pydantic_serializer__.to_json(command)


def decode(value: bytes) -> Command | Tick:
    """Return the command in a message value.

    Raises:
        pydantic.ValidationError: the value is not a command that this version knows.
    """
    return _message.validate_json(value)
