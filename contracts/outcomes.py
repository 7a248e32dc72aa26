"""Outcomes: what was decided, in the past tense; the words of the ledger's feed.

``worker`` writes them, ``sync_service`` projects them, ``audit`` proves them. The
row itself: ``outcomes`` in ``infra/postgres/migrations``.
"""

from enum import StrEnum
from typing import Final, NamedTuple

RULES_VERSION: Final = 1
"""Which version of the rules decided; raised with every change that would decide an old log differently."""


class Status(StrEnum):
    """How a command ended. Bookings: confirmed, rejected, failed. Every other command: done, refused, failed."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    FAILED = "failed"
    DONE = "done"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a command was not carried out: the wire's closed list, as far as it is built, and the commands' own."""

    SEAT_TAKEN = "seat_taken"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_SEAT = "unknown_seat"
    SALE_NOT_OPEN = "sale_not_open"
    NEVER_ACCEPTED = "never_accepted"
    UNPROCESSABLE = "unprocessable"
    ALREADY_EXISTS = "already_exists"
    ALREADY_PUBLISHED = "already_published"
    BLOCKS_MISSING = "blocks_missing"
    DUPLICATE_SEAT = "duplicate_seat"


class SeatChange(NamedTuple):
    """One seat that became ``status`` (a character of ``contracts.seat_status``) at seat version ``version``."""

    block: int
    position: int
    status: str
    version: int
