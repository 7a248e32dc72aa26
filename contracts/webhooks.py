"""Webhooks: what organisers' endpoints are told, and how they are managed; wire shapes only.

``webhooks`` enters here. A delivery's body is a ``Notice``: ``type``, ``timestamp`` (when it was decided, not when it
is sent) and ``data``, as the Standard Webhooks specification has it. No data of a person is in it: ``principal`` is the
opaque id by which log and ledger know somebody.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from contracts.commands import Name

MAX_URL: Final = 2_000
"""Characters: what every server and proxy takes."""


class NoticeType(StrEnum):
    """What can be told; ``TEST`` only when somebody asks for it."""

    BOOKING_CONFIRMED = "booking.confirmed"
    BOOKING_CANCELLED = "booking.cancelled"
    EVENT_SOLD_OUT = "event.sold_out"
    TEST = "webhook.test"


Told = Literal["booking.confirmed", "booking.cancelled", "event.sold_out"]
TOLD: Final[tuple[Told, ...]] = ("booking.confirmed", "booking.cancelled", "event.sold_out")
"""What a webhook may ask for."""


class BookingData(BaseModel):
    """``data`` of ``booking.confirmed`` and ``booking.cancelled``. ``position``: the outcome's ledger position.

    ``seat_ids``: those that were confirmed, or given back; ``remaining_seat_ids``: what the booking still has, so that
    one of which some seats were given back is ``cancelled`` with some remaining. ``amount_minor``: what ``seat_ids``
    cost, in minor units of ``currency``; null where a seat has no price.
    """

    position: str
    event_id: str
    booking_id: str
    principal: str | None
    seat_ids: list[str]
    remaining_seat_ids: list[str]
    reason: str | None
    amount_minor: int | None
    currency: str | None


class SoldOutData(BaseModel):
    """``data`` of ``event.sold_out``: no seat is available any more, held ones counted as gone.

    ``position``: that of the outcome that took the last one.
    """

    position: str
    event_id: str
    seats_total: int


class Notice(BaseModel):
    """The body of a delivery."""

    type: NoticeType
    timestamp: str
    data: BookingData | SoldOutData | dict[str, str]


class WebhookRequest(BaseModel):
    """``POST /api/webhooks``. ``events``: what to be told of, by default all; ``event_id``: of this event alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    url: Annotated[str, Field(min_length=1, max_length=MAX_URL)]
    events: Annotated[list[Told] | None, Field(min_length=1, max_length=len(TOLD))] = None
    event_id: Annotated[Name | None, Field(validation_alias=AliasChoices("eventId", "event_id"))] = None


class Webhook(BaseModel):
    """A webhook as it stands. ``disabled_reason``: ``failing`` (for days) or ``gone`` (it answered 410)."""

    id: str
    url: str
    events: list[Told]
    event_id: str | None
    status: Literal["active", "disabled"]
    disabled_reason: Literal["failing", "gone"] | None
    disabled_at: str | None
    failing_since: str | None
    former_secret_until: str | None
    created_at: str


class WebhookSecret(BaseModel):
    """The secret under which deliveries are signed; shown in this answer and never again."""

    secret: str
    former_secret_until: str | None


class NewWebhook(Webhook):
    """A webhook that was just made, with its secret, which is shown in this answer and never again."""

    secret: str


class Delivery(BaseModel):
    """One notice to one webhook. ``id`` is its ``webhook-id``, the same in every attempt.

    ``dead``: no further attempt is made until it is replayed. ``error`` and ``response_status``: of the last attempt.
    """

    id: str
    type: NoticeType
    event_id: str | None
    position: str | None
    status: Literal["pending", "delivered", "dead"]
    attempts: int
    response_status: int | None
    error: str | None
    created_at: str
    attempted_at: str | None
    next_attempt_at: str | None


class Replayed(BaseModel):
    """How many dead deliveries will be attempted again; ``remaining``: whether there are more, for another call."""

    replayed: int
    remaining: bool
