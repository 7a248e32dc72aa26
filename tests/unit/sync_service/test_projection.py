"""Rows become documents."""

from datetime import UTC, datetime, timedelta

from sync_service import projection
from sync_service.feed import BlockState, Cursor, EventFacts, EventState, FeedRow, Position
from sync_service.seat_maps import Event, SeatMaps

AT = datetime(2027, 1, 2, 3, 4, 5, 678_000, UTC)
AT_MS = 1_798_859_045_678


def _row(number: int = 1, **fields: object) -> FeedRow:
    row = FeedRow(
        tx=7,
        id=number,
        command_id=f"bk_{number}",
        kind="book_seats",
        event_id="concert123",
        principal="p_x",
        status="confirmed",
        reason=None,
        seat_ids=["A1"],
        conflicts=[],
        changes=[],
        log_partition=0,
        requested_at=AT,
        decided_at=AT,
    )
    return row._replace(**fields)  # type: ignore[arg-type]  # a test names its columns


def _maps(*blocks: str) -> SeatMaps:
    states = [BlockState(number, "stalls", status, [0] * len(status)) for number, status in enumerate(blocks)]
    maps = SeatMaps()
    maps.put(Event(EventState(EventFacts("concert123", "C", "concert", "H", "UTC", AT, 0, 1), states)))
    return maps


def test_every_booking_becomes_one_document_whatever_its_outcome() -> None:
    batch = projection.read([_row(1), _row(2, status="rejected", reason="seat_taken", conflicts=["A1"]), _row(3)])
    assert [(b["_id"], b["status"], b["conflicts"]) for b in batch.bookings] == [
        ("bk_1", "confirmed", []),
        ("bk_2", "rejected", ["A1"]),
        ("bk_3", "confirmed", []),
    ]
    assert batch.last == Cursor(Position(7, 3), "bk_3")
    assert not batch.commands


def test_a_command_is_shown_and_its_event_read_again_when_it_was_done() -> None:
    batch = projection.read(
        [
            _row(1, kind="create_event", status="done"),
            _row(2, kind="publish_event", status="done", event_id="other"),
            _row(3, kind="publish_event", status="refused", reason="blocks_missing", event_id="third"),
        ]
    )
    assert [(c["kind"], c["target"], c["status"]) for c in batch.commands] == [
        ("create_event", "concert123", "done"),
        ("publish_event", "other", "done"),
        ("publish_event", "third", "refused"),
    ]
    assert batch.reread == {"concert123", "other"}
    assert batch.published == ["other"]


def test_each_partition_is_reached_up_to_its_last_row() -> None:
    later = AT + timedelta(seconds=2)
    batch = projection.read([_row(1), _row(2, log_partition=5), _row(3, decided_at=later)])
    assert batch.reached_ms == {0: AT_MS + 2_000, 5: AT_MS}
    assert batch.oldest_decided_ms == AT_MS


def test_only_the_blocks_that_a_batch_touches_are_written() -> None:
    maps = _maps("aa", "aa", "aa")
    batch = projection.read([_row(1, changes=[[1, 0, "b", 1]]), _row(2, changes=[[1, 1, "b", 1]])])
    blocks, events, _ = projection.apply(batch, maps)
    assert [(block["block"], block["status"], block["version"]) for block in blocks] == [(1, "bb", 3)]
    assert [(event["seats_available"], event["version"]) for event in events] == [(4, 1 + 1 + 3 + 1)]


def test_a_row_that_is_read_again_marks_its_block_again() -> None:
    maps = _maps("aa")
    batch = projection.read([_row(1, changes=[[0, 0, "b", 1]])])
    first = projection.apply(batch, maps)
    assert projection.apply(batch, maps) == first
    assert first[0][0]["status"] == "ba"


def test_all_blocks_of_an_event_that_was_read_again_are_written() -> None:
    blocks, _, _ = projection.apply(projection.read([_row(1, kind="publish_event", status="done")]), _maps("aa", "ab"))
    assert [block["block"] for block in blocks] == [0, 1]


def test_what_is_not_on_sale_is_not_shown() -> None:
    batch = projection.read([_row(1, kind="create_event", status="done", event_id="draft")])
    assert set(projection.touched(batch)) == {"draft"}
    assert projection.apply(batch, SeatMaps()) == ([], [], [])
