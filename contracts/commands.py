"""Commands: what is put on the log, in the imperative.

``write_api``, the worker's tick, ``payments`` and, to suspend a sale, ``audit`` write them; ``worker`` decides. A
message's value is one command as JSON, its key the event id. Fields are only ever added, with a default: the log keeps
everything, and every old message must stay readable. Golden copies: ``contracts/examples``.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from contracts.event_commands import (
    MAX_BLOCKS_PER_EVENT,
    MAX_HOLD_SECONDS,
    MAX_SEATS_PER_BLOCK,
    AboutEvent,
    AddSeats,
    BlockSeats,
    CancelEvent,
    ChangeEvent,
    CloseSale,
    CreateEvent,
    OpenSale,
    Organising,
    PublishEvent,
    ReleaseSeats,
    Row,
    SuspendSales,
)
from contracts.messages import CommandId, Message, Name, OfferId, Text, ToEvent
from contracts.payment_tokens import MAX_SEALED

__all__ = [
    "MAX_BLOCKS_PER_EVENT",
    "MAX_HOLD_SECONDS",
    "MAX_SEATS_PER_BLOCK",
    "MAX_SEATS_PER_BOOKING",
    "AboutBooking",
    "AboutEvent",
    "AddSeats",
    "BestSeats",
    "BlockSeats",
    "BookSeats",
    "BookingCommand",
    "CancelBooking",
    "CancelEvent",
    "ChangeEvent",
    "CheckIn",
    "CloseSale",
    "Command",
    "CommandId",
    "CreateEvent",
    "EventCommand",
    "ExtendHold",
    "Name",
    "OfferId",
    "OpenSale",
    "Organising",
    "PublishEvent",
    "ReleaseSeats",
    "Row",
    "SettlePayment",
    "StartPayment",
    "SuspendSales",
    "Text",
    "Tick",
    "decode",
    "encode",
]

MAX_SEATS_PER_BOOKING: Final = 10
MAX_PAYMENT_ATTEMPTS: Final = 1_000_000
"""Far above what one hold has time for; the ledger keeps the number in four bytes."""


ReplyTo = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{0,32}$")]


class BestSeats(BaseModel):
    """Wish for the best ``count`` seats together; ``max_price`` in minor units a seat."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    count: Annotated[int, Field(ge=1, le=MAX_SEATS_PER_BOOKING)]
    section: Name | None = None
    max_price: Annotated[int | None, Field(ge=0)] = None
    accessible: bool = False


class BookSeats(ToEvent):
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
    reply_to: ReplyTo = ""

    @model_validator(mode="after")
    def _asks_in_one_way(self) -> Self:
        if self.seat_ids and self.best is None and self.offer_id is None:
            return self  # nearly all
        if bool(self.seat_ids) + (self.best is not None) + (self.offer_id is not None) != 1:
            msg = "a booking names its seats, leaves the choice to us, or takes an offer"
            raise ValueError(msg)
        return self


class BookingCommand(Message):
    """A command about a booking. It names no event: it lies on the booking's partition, which is the event's.

    ``principal``: the account that asks; None: somebody without a session. ``operator``: that account is an operator's.
    """

    command_id: CommandId
    booking_id: CommandId
    issued_at_ms: int
    principal: Annotated[str | None, StringConstraints(min_length=1, max_length=64)] = None
    operator: bool = False


class CancelBooking(BookingCommand):
    """Give back these seats of a booking; none named are all of them.

    ``by``: as whom, of a command from before there were accounts; else it follows from who asks (``contracts.rights``).
    """

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


class CheckIn(BookingCommand):
    """Let somebody in with one seat of a booking; once. ``principal``: who lets them in, at which ``gate``.

    That the ticket is genuine was seen before; here counts what is the booking's now. ``event_id``: the event that the
    ticket is for. ``reply_to``: as of ``BookSeats``.
    """

    kind: Literal["check_in"] = "check_in"
    event_id: Name
    seat_id: Name
    gate: Name | None = None
    reply_to: ReplyTo = ""


class Tick(BaseModel):
    """Move the log's time on one partition. Has no outcome; its time is the broker's stamp, never its own."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["tick"] = "tick"


EventCommand = BookSeats | AboutEvent
AboutBooking = CancelBooking | ExtendHold | StartPayment | SettlePayment | CheckIn
Command = EventCommand | AboutBooking
_message: TypeAdapter[Command | Tick] = TypeAdapter(Annotated[Command | Tick, Field(discriminator="kind")])


_booking: TypeAdapter[BookSeats] = TypeAdapter(BookSeats)
_SAYS_BOOKING: Final = b'"kind":"book_seats"'


def encode(command: Command | Tick) -> bytes:
    """Return the message value of a command."""
    return command.__pydantic_serializer__.to_json(command)


def decode(value: bytes) -> Command | Tick:
    """Return the command in a message value.

    Raises:
        pydantic.ValidationError: the value is not a command that this version knows.
    """
    return _booking_in(value) or _message.validate_json(value)


def _booking_in(value: bytes) -> BookSeats | None:
    """Return the booking that nearly every message is: its own reader need not look for whose it is, a sixth cheaper.

    None for all else, and where it has the words but not as its kind: what it is, and what is wrong, is then for the
    reader of everything to say (test: ``test_what_only_has_a_booking_s_words_somewhere_is_what_its_kind_says``).
    """
    if _SAYS_BOOKING not in value:
        return None
    try:
        booking = _booking.validate_json(value)
    except ValidationError:
        return None
    return booking if "kind" in booking.model_fields_set else None
