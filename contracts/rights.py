"""Rights: who may do what to a booking. Pure; docs/decisions/0015-who-may-do-what.md.

``worker`` decides by this, and ``write_api`` refuses at once by it what the ledger says already: one rule for both. A
guest's booking is whoever's that holds its id, since a guest cannot prove to be anybody; an account's is its owner's
alone. The event's organiser and operators may cancel either, and let people in. ``read_api`` asks who may have tickets.
"""

from typing import Literal

from contracts.callers import Caller
from contracts.commands import BookingCommand, CancelBooking, CheckIn, SettlePayment
from contracts.ids import is_account

By = Literal["customer", "organiser"]


def acts_as(command: BookingCommand, owner: str | None, organiser: str = "") -> By | None:
    """Return as whom somebody gives this command; None: who asks may not.

    ``owner``: the booking's principal; ``organiser``: the principal whose event it is, empty while it is nobody's.
    """
    organises = command.operator or bool(organiser and command.principal == organiser)
    if isinstance(command, CheckIn):  # nobody lets themselves in, the owner no more than a guest
        return "organiser" if organises else None
    if isinstance(command, SettlePayment) or (command.principal is not None and command.principal == owner):
        return "customer"
    if isinstance(command, CancelBooking) and organises:
        return "organiser"
    if is_account(owner):
        return None
    # As the command itself says: one from before there were accounts says it of itself.
    return command.by if isinstance(command, CancelBooking) else "customer"


def may_have_tickets(caller: Caller | None, owner: str | None, organiser: str) -> bool:
    """Whether a caller may have a booking's tickets, with which one gets in: more than a look at it.

    An account's are its owner's alone, whoever holds the id; the event's organiser and operators may print any.
    """
    if not is_account(owner):
        return True
    return caller is not None and (
        caller.principal == owner or caller.operates or (caller.organises and caller.principal == organiser)
    )
