"""Told: what a customer was told about one booking, and whether what is shown now agrees with it. Pure.

``counted`` enters here after everything that a customer does. Time is the caller's, and counts only where the platform
gave a time itself: until its ``expires_at`` a hold is its holder's, and some moments later it is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from frontrow_client import Booking

EXPIRED_WITHIN: Final = timedelta(seconds=10)
"""How long after its end a hold may show as held on a machine that is loaded on purpose; 1.5 s on one that is not."""
CLOCKS_AGREE_WITHIN: Final = timedelta(milliseconds=500)
"""The platform is on this machine, but its log's time is the broker's."""


@dataclass(frozen=True, slots=True)
class Told:
    """One booking as its customer believes it to be; ``statuses``: any of these may be shown."""

    booking_id: str
    statuses: frozenset[str]
    seat_ids: tuple[str, ...]
    expires_at: datetime | None = None

    @classmethod
    def by(cls, booking: Booking) -> Self:
        """Return what a booking's own words say."""
        statuses = {"held", "expired"} if booking.status == "held" else {str(booking.status)}
        return cls(booking.booking_id, frozenset(statuses), tuple(booking.seat_ids or ()), booking.expires_at)

    def given_back(self, seat_ids: Sequence[str]) -> Self:
        """Return it after these seats were given back, or all of them when none is named."""
        left = tuple(seat_id for seat_id in self.seat_ids if seat_id not in seat_ids)
        if seat_ids and left:
            return replace(self, seat_ids=left)
        return replace(self, statuses=frozenset({"cancelled"}), expires_at=None)

    def paid_for(self, *, succeeds: bool) -> Self:
        """Return it after a payment that began: with a good token it is confirmed, unless it came too late."""
        end = "confirmed" if succeeds else "held"
        return replace(self, statuses=frozenset({end, "expired"}), expires_at=None)

    @property
    def is_held(self) -> bool:
        """Whether it was told as a hold, which may have ended since."""
        return "held" in self.statuses

    @property
    def has_seats(self) -> bool:
        """Whether it was told that it has its seats, for a while or for good."""
        return bool(self.statuses & {"held", "confirmed"})

    def complaint(self, shown: Booking, now: datetime) -> str | None:
        """Return in words how ``shown`` contradicts what was told, or None."""
        if shown.booking_id != self.booking_id:
            return f"asked for {self.booking_id} and was shown {shown.booking_id}"
        if shown.status not in self.statuses:
            return f"is {shown.status} ({shown.reason}) and should be {' or '.join(sorted(self.statuses))}"
        if shown.has_seats and set(shown.seat_ids or ()) != set(self.seat_ids):
            return f"has the seats {shown.seat_ids} and should have {list(self.seat_ids)}"
        return self._untimely(shown, now) if self.expires_at is not None else None

    def _untimely(self, shown: Booking, now: datetime) -> str | None:
        ends = shown.expires_at or self.expires_at or now
        if shown.status == "expired" and now < ends - CLOCKS_AGREE_WITHIN:
            return f"expired before {ends}"
        if shown.status == "held" and now > ends + EXPIRED_WITHIN:
            return f"is held after {ends}"
        return None
