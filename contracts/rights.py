"""Rights: who may do what to a booking. Pure; docs/decisions/0015-who-may-do-what.md.

``worker`` decides by this, and ``write_api`` refuses at once by it what the ledger says already: one rule for both. A
guest's booking is whoever's that holds its id, since a guest cannot prove to be anybody; an account's is its owner's
alone. The event's organiser and operators may cancel either.
"""

from typing import Literal

from contracts.commands import BookingCommand, CancelBooking, SettlePayment
from contracts.ids import is_account

By = Literal["customer", "organiser"]


def acts_as(command: BookingCommand, owner: str | None, organiser: str = "") -> By | None:
    """Return as whom somebody gives this command; None: who asks may not.

    ``owner``: the booking's principal; ``organiser``: the principal whose event it is, empty while it is nobody's.
    """
    if isinstance(command, SettlePayment) or (command.principal is not None and command.principal == owner):
        return "customer"
    if isinstance(command, CancelBooking) and (command.operator or (organiser and command.principal == organiser)):
        return "organiser"
    if is_account(owner):
        return None
    # As the command itself says: one from before there were accounts says it of itself.
    return command.by if isinstance(command, CancelBooking) else "customer"
