"""The provider: what we ask of whoever moves the money, in the words that the well-known providers use.

``cashier`` asks, ``webhooks`` hears the same answers. An intent is the provider's record of one payment; it is made
with manual capture, so that it reserves the money (authorises) and takes it (captures) in two steps.

Every call may be repeated: the provider knows the first one by its idempotency key, and whoever crashed between the
call and its answer asks again. No answer (the provider is away, or too slow) means that it is unknown what happened.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class IntentStatus(StrEnum):
    """Where an intent stands, in the provider's own words."""

    PROCESSING = "processing"
    AUTHORISED = "requires_capture"
    DECLINED = "requires_payment_method"
    VOIDED = "canceled"
    CAPTURED = "succeeded"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be authorised. ``key``: the provider's idempotency key; ``token`` is in clear, and never logged."""

    key: str
    booking_id: str
    attempt: int
    amount_minor: int
    currency: str
    token: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider says of an intent; amounts in minor units. ``intent_id`` is empty when none was made."""

    intent_id: str
    status: IntentStatus
    captured_minor: int = 0
    refunded_minor: int = 0


class ProviderAwayError(Exception):
    """No answer: what was asked may have been done or not. Ask again."""


class ProviderRefusedError(Exception):
    """An answer that nobody expects (not authorised, no such intent): somebody must look; asked again meanwhile."""


class Provider(Protocol):
    """All calls raise ``ProviderAwayError`` and ``ProviderRefusedError``; all may be made twice."""

    async def authorise(self, order: Order) -> Answer:
        """Make an intent and have it authorised; it may be ``processing`` for a while."""

    async def ask(self, intent_id: str) -> Answer:
        """Return where an intent stands."""

    async def capture(self, intent_id: str, key: str) -> Answer:
        """Take what is authorised; on an intent that cannot be captured, say where it stands instead."""

    async def void(self, intent_id: str, key: str) -> Answer:
        """Let go of what is authorised; on an intent that was captured, say so instead."""

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> Answer:
        """Give back some of what was captured, and return where the intent then stands."""
