"""Outcomes: what was decided, in the past tense; the words of the ledger's feed.

``worker`` writes them, ``sync_service`` projects them, ``audit`` proves them. The
row itself: ``outcomes`` in ``infra/postgres/migrations``.
"""

from enum import StrEnum
from typing import Final, NamedTuple

RULES_VERSION: Final = 1
"""Which version of the rules decided; raised with every change that would decide an old log differently."""


class Status(StrEnum):
    """How a command ended. Bookings: confirmed, held, rejected, failed. Every other command: done, refused, failed."""

    CONFIRMED = "confirmed"
    HELD = "held"
    REJECTED = "rejected"
    FAILED = "failed"
    DONE = "done"
    REFUSED = "refused"


class BookingStatus(StrEnum):
    """Where a booking stands, or an offer, which is a booking until it is ``taken``."""

    HELD = "held"
    PAYING = "paying"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    OFFERED = "offered"
    TAKEN = "taken"


class Reason(StrEnum):
    """Why a command was not carried out: the wire's closed list, as far as it is built, and the commands' own."""

    SEAT_TAKEN = "seat_taken"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_SEAT = "unknown_seat"
    NOT_ENOUGH_SEATS = "not_enough_seats"
    SALE_NOT_OPEN = "sale_not_open"
    SALE_CLOSED = "sale_closed"
    LIMIT_EXCEEDED = "limit_exceeded"
    EVENT_CANCELLED = "event_cancelled"
    NEVER_ACCEPTED = "never_accepted"
    UNPROCESSABLE = "unprocessable"
    ALREADY_EXISTS = "already_exists"
    ALREADY_PUBLISHED = "already_published"
    BLOCKS_MISSING = "blocks_missing"
    DUPLICATE_SEAT = "duplicate_seat"
    HOLD_EXPIRED = "hold_expired"
    BY_CUSTOMER = "by_customer"
    BY_ORGANISER = "by_organiser"
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_LATE = "payment_late"
    UNKNOWN_BOOKING = "unknown_booking"
    WRONG_STATE = "wrong_state"
    ALREADY_EXTENDED = "already_extended"
    FORBIDDEN = "forbidden"
    NOT_CONFIRMED = "not_confirmed"
    TICKET_NOT_VALID = "ticket_not_valid"
    ALREADY_CHECKED_IN = "already_checked_in"


class SeatChange(NamedTuple):
    """One seat that became ``status`` (a character of ``contracts.seat_status``) at seat version ``version``."""

    block: int
    position: int
    status: str
    version: int


class PaymentStart(NamedTuple):
    """What a payment was started with, fixed then. ``prices``: in minor units of ``currency``, one a seat.

    ``token`` is sealed (``contracts.payment_tokens``). ``currency`` is None when nothing has a price: there is nothing
    to pay, and no provider is asked.
    """

    attempt: int
    token: str
    currency: str | None
    seat_ids: tuple[str, ...]
    prices: tuple[int, ...]


EXPIRE: Final = "expire"
"""The kind of an outcome that no command asked for: a tick ended a hold."""
CALL_OFF: Final = "call_off"
"""The kind of an outcome that no command asked for: a tick ended a booking of a cancelled event."""
OFFER: Final = "offer"
"""The kind of an outcome beside a booking's own: an offer was made, or taken."""


class Offer(NamedTuple):
    """Other seats, held for whoever was refused."""

    offer_id: str
    seat_ids: tuple[str, ...]
    expires_at_ms: int


class SeatCheckIn(NamedTuple):
    """Somebody came in with a seat: at ``at_ms`` on the log's time, let in ``by`` this principal at this ``gate``."""

    seat_id: str
    at_ms: int
    by: str
    gate: str | None


class BookingState(NamedTuple):
    """A booking as an outcome left it, for the view. ``version`` is 1 as first decided and grows by one each time.

    ``seat_ids``: what it has, or had when it ended; ``expires_at_ms``: when a tick will end it, on the log's time;
    ``offer``: what a refused one was offered; ``check_ins``: who came in, in this order; that stays, whatever becomes
    of the seat.
    """

    status: BookingStatus
    reason: Reason | None
    seat_ids: tuple[str, ...]
    expires_at_ms: int | None
    version: int
    offer: Offer | None = None
    check_ins: tuple[SeatCheckIn, ...] = ()
