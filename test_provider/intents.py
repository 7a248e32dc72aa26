"""Intents: the provider's own state machine, as the well-known ones have it. Pure.

::

    processing ──► requires_capture ──capture──► succeeded ──refund──► succeeded
        │               └──cancel──► canceled
        ├──► requires_payment_method (declined)
        └──cancel──► canceled

``books`` enters here, with its row locked. What does not fit raises, and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from test_provider.tokens import AUTHORISED, DECLINED, Behaviour

PROCESSING: Final = "processing"
CANCELED: Final = "canceled"
SUCCEEDED: Final = "succeeded"


@dataclass(frozen=True, slots=True)
class Intent:
    """One payment, in minor units of ``currency``."""

    id: str
    amount: int
    currency: str
    metadata: Mapping[str, str]
    status: str
    amount_received: int = 0
    amount_refunded: int = 0


class UnexpectedStateError(Exception):
    """The intent is not in a state for this."""

    def __init__(self, intent: Intent) -> None:
        super().__init__(f"the intent is {intent.status}")
        self.intent = intent


def made(intent_id: str, amount: int, currency: str, metadata: Mapping[str, str], behaviour: Behaviour) -> Intent:
    """Return a new intent, confirmed at once."""
    status = PROCESSING if behaviour.after_s is not None else behaviour.outcome
    return Intent(intent_id, amount, currency, metadata, status)


def decided(intent: Intent, behaviour: Behaviour) -> Intent:
    """Return an intent of which the bank has said what it thinks; one that was canceled meanwhile stays so."""
    return replace(intent, status=behaviour.outcome) if intent.status == PROCESSING else intent


def captured(intent: Intent) -> Intent:
    """Return the intent with all of its amount taken."""
    if intent.status != AUTHORISED:
        raise UnexpectedStateError(intent)
    return replace(intent, status=SUCCEEDED, amount_received=intent.amount)


def canceled(intent: Intent) -> Intent:
    """Return the intent with nothing reserved any more."""
    if intent.status not in {PROCESSING, AUTHORISED, DECLINED}:
        raise UnexpectedStateError(intent)
    return replace(intent, status=CANCELED)


def refunded(intent: Intent, amount: int) -> Intent:
    """Return the intent with so much given back."""
    if intent.status != SUCCEEDED or not 0 < amount <= intent.amount_received - intent.amount_refunded:
        raise UnexpectedStateError(intent)
    return replace(intent, amount_refunded=intent.amount_refunded + amount)


def shown(intent: Intent) -> dict[str, Any]:
    """Return the intent as answers and webhooks have it."""
    capturable = intent.amount if intent.status == AUTHORISED else 0
    error = {"code": "card_declined"} if intent.status == DECLINED else None
    return {"object": "payment_intent", **asdict(intent), "amount_capturable": capturable, "last_payment_error": error}


def notice_of(intent: Intent) -> str | None:
    """Return the type of the webhook that says what became of the intent."""
    if intent.amount_refunded:
        return "charge.refunded"
    return {
        AUTHORISED: "payment_intent.amount_capturable_updated",
        DECLINED: "payment_intent.payment_failed",
        CANCELED: "payment_intent.canceled",
        SUCCEEDED: "payment_intent.succeeded",
    }.get(intent.status)
