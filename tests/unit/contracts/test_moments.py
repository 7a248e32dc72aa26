"""Moments on the wire are in UTC, wherever they were taken."""

from datetime import UTC, datetime, timedelta, timezone

from contracts.moments import moment_text, moment_text_of


def test_a_moment_is_told_in_utc_with_milliseconds_whatever_its_zone() -> None:
    at = datetime(2027, 5, 1, 21, 0, 0, 123_999, timezone(timedelta(hours=2)))
    assert moment_text(at) == "2027-05-01T19:00:00.123Z"
    assert moment_text(datetime(2027, 5, 1, 19, tzinfo=UTC)) == "2027-05-01T19:00:00.000Z"


def test_seconds_since_the_epoch_are_told_alike() -> None:
    assert moment_text_of(1_800_000_000.5) == "2027-01-15T08:00:00.500Z"
