"""Decisions: what the rules say of a message, in one shape. Data only.

``rules`` and ``event_rules`` make them, ``deciding`` adds what became of bookings, ``rows`` writes them down.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from contracts.outcomes import Offer, PaymentStart, Reason, SeatChange, Status
from worker.life_cycle import Booking, Effect


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is no command. It has an outcome when its header names the id that somebody was given."""

    command_id: str | None
    kind: str
    event_id: str
    why: str


class Decision(NamedTuple):
    """What was decided. ``conflicts`` are in request order, ``changes`` in order of block and position.

    ``booking``: the booking that has a life or was asked for by its id, as it is now; ``moved``: whether that is new.
    ``seat_ids``: which of its seats changed hands, where the command did not name them, or the one that somebody came
    in with. ``effects``: what became of other bookings, before this; ``offer``: what a refused request was offered;
    ``payment``: what one was started with.
    """

    status: Status
    reason: Reason | None = None
    conflicts: tuple[str, ...] = ()
    changes: tuple[SeatChange, ...] = ()
    booking: Booking | None = None
    moved: bool = False
    seat_ids: tuple[str, ...] = ()
    effects: "tuple[tuple[Effect, Decision], ...]" = ()
    offer: Offer | None = None
    payment: PaymentStart | None = None


DONE: Final = Decision(Status.DONE)
UNPROCESSABLE: Final = Decision(Status.FAILED, Reason.UNPROCESSABLE)
NEVER_ACCEPTED: Final = Decision(Status.FAILED, Reason.NEVER_ACCEPTED)
