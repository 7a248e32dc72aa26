"""Tokens: what each one makes the provider do. Pure; ``intents`` enters here.

A token that is none of these is refused as one that does not exist.
"""

import re
from dataclasses import dataclass
from typing import Final

AUTHORISED: Final = "requires_capture"
DECLINED: Final = "requires_payment_method"

SLOW_S: Final = 2.0
SOON_S: Final = 0.1
LONGEST_LATE_S: Final = 3_600

_LATE: Final = re.compile(r"tok_late_([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """``outcome`` comes with the answer, or ``after_s`` by webhook; ``copies``: how often each webhook is sent.

    ``webhook_first``: the webhook comes before the answer; ``well_signed``: whether webhooks have our signature.
    """

    outcome: str = AUTHORISED
    after_s: float | None = None
    copies: int = 1
    webhook_first: bool = False
    well_signed: bool = True


_BEHAVIOURS: Final = {
    "tok_success": Behaviour(),
    "tok_declined": Behaviour(DECLINED),
    "tok_slow": Behaviour(after_s=SLOW_S),
    "tok_slow_declined": Behaviour(DECLINED, after_s=SLOW_S),
    "tok_webhook_twice": Behaviour(after_s=SOON_S, copies=2),
    "tok_webhook_first": Behaviour(webhook_first=True),
    "tok_bad_signature": Behaviour(after_s=SOON_S, well_signed=False),
}


def behaviour_of(token: str) -> Behaviour | None:
    """Return what the token stands for; ``tok_late_<n>`` is authorised by a webhook after ``n`` seconds."""
    late = _LATE.fullmatch(token)
    if late is not None and int(late[1]) <= LONGEST_LATE_S:
        return Behaviour(after_s=float(late[1]))
    return _BEHAVIOURS.get(token)
