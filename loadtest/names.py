"""Names under which the scenarios count, and by which the table finds them again."""

from typing import Final

ACCEPT: Final = "POST /api/book"
FOLLOW: Final = "GET /api/bookings/[id]"
OUTCOME: Final = "click to outcome: "
"""Followed by the booking's final status."""
LIST: Final = "GET /api/events"
SEAT_MAP: Final = "GET /api/events/[id]"
AVAILABILITY: Final = "GET /api/events/[id]/availability"
LIFE: Final = "life: "
"""Followed by what a customer did, ``ENDED``, and how it ended: a status, a reason, a problem."""
ENDED: Final = " → "
BROKEN: Final = "BROKEN"
"""How something ended that is not as it was told."""
