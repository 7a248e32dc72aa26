"""Moments as the wire has them: RFC 3339 in UTC, with milliseconds and ``Z``. Pure.

The projector and the read API, which write many of what is in UTC already, have a quicker way of their own to the same.
"""

from datetime import UTC, datetime


def moment_text(at: datetime) -> str:
    """Return ``2027-05-01T19:00:00.123Z``; ``at`` in whatever zone."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_text_of(seconds: float) -> str:
    """Return the same of seconds since the epoch."""
    return moment_text(datetime.fromtimestamp(seconds, UTC))
