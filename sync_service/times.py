"""Times: the view's RFC 3339 UTC strings with ``Z``. Pure; the ledger's session gives UTC."""

from datetime import UTC, datetime


def to_second(at: datetime) -> str:
    """Return ``2027-05-01T19:00:00Z``; ``at`` is in UTC."""
    return at.isoformat(timespec="seconds")[:19] + "Z"


def to_millisecond(at: datetime) -> str:
    """Return ``2027-05-01T19:00:00.123Z``; ``at`` is in UTC."""
    return at.isoformat(timespec="milliseconds")[:23] + "Z"


def milliseconds(at: datetime) -> int:
    """Return the milliseconds since the epoch."""
    return round(at.timestamp() * 1000)


def from_milliseconds(ms: int) -> str:
    """Return milliseconds since the epoch as ``2027-05-01T19:00:00.123Z``."""
    return to_millisecond(datetime.fromtimestamp(ms / 1000, UTC))
