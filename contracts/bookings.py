"""Bookings as they are told: the view's document in the wire's form. Pure.

``read_api`` enters here with what it found in the view, ``write_api`` with what was announced to it: one form for both.
"""

from contracts.callers import Caller
from contracts.outcomes import Reason
from contracts.views import BookingView


def shown(booking: BookingView, caller: Caller | None = None, *, owner: str | None = None) -> dict[str, object]:
    """Return the body that ``contracts.wire.Booking`` describes.

    Whose booking it is shows to its owner. ``owner``: the name of whose it is, for a caller who organises the event or
    operates; None for a guest, whose name nobody keeps, and for an account that is erased.
    """
    if caller is not None and caller.principal == booking["principal"]:
        owner = caller.user_id
    body: dict[str, object] = {
        "booking_id": booking["_id"],
        "event_id": booking["event_id"],
        "seat_ids": booking["seat_ids"],
        "status": booking["status"],
        "reason": booking["reason"],
        "user_id": owner,
        "requested_at": booking["requested_at"],
        "decided_at": booking["decided_at"],
        "expires_at": booking["expires_at"],
        "version": booking["version"],
        # Documents of before positions were shown have none.
        "position": booking.get("position"),
    }
    if booking["reason"] == Reason.SEAT_TAKEN:
        body["conflicts"] = booking["conflicts"]
    if "offer" in booking:
        body["offer"] = booking["offer"]
    return body
