"""A poll that is cut at a row says that there is more."""

from datetime import UTC, datetime

from sync_service.feed import FeedRow, Poll, Position

AT = datetime(2027, 1, 2, tzinfo=UTC)
ROWS = [
    FeedRow(tx, 1, f"bk_{tx}", "book_seats", "e", None, "confirmed", None, [], [], [], 0, AT, AT) for tx in (5, 6, 7)
]


def test_rows_beyond_a_position_are_still_to_come() -> None:
    poll = Poll(ROWS, drained=True, incarnation="1", decided_ms={0: 9})
    cut = poll.up_to(Position(6, 1))
    assert ([row.tx for row in cut.rows], cut.drained) == ([5, 6], False)
    assert poll.up_to(Position(7, 1)) == poll
