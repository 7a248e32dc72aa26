"""The view's times."""

from datetime import UTC, datetime

from sync_service.times import milliseconds, to_millisecond, to_second

AT = datetime(2027, 1, 2, 3, 4, 5, 678_900, UTC)


def test_times_are_rfc_3339_with_z() -> None:
    assert to_second(AT) == "2027-01-02T03:04:05Z"
    assert to_millisecond(AT) == "2027-01-02T03:04:05.678Z"


def test_milliseconds_come_back_as_they_went_in() -> None:
    for ms in (0, 1, 1_798_859_045_678, 1_798_859_045_679, 4_102_444_800_001):
        assert milliseconds(datetime.fromtimestamp(ms / 1000, UTC)) == ms
