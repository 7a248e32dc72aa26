"""How an event sells: each row counts once, in whatever pieces the feed is read, and seats are what the maps say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync_service import projection
from sync_service.feed import BlockState, EventFacts, EventState, FeedRow, Position
from sync_service.sales import MAX_MINUTES, Category, Counted, Tally, counted, sales_view
from sync_service.seat_maps import Event, SeatMaps
from tests.unit.sync_service.test_projection import AT, _row

MINUTE = int(AT.timestamp()) // 60
CHILD = Category("child", 900, "EUR")
USUAL = Category("standard", 1_500, "EUR")


def _event(status: str = "aaaa", tally: Tally | None = None) -> Event:
    """Return an event of two categories whose sales are counted from its publication on, unless a test says how."""
    own = [("child", 900, [1, 2])]
    block = BlockState(0, "stalls", status, [0] * len(status), "standard", 1_500, "EUR", own)
    event = Event(EventState(EventFacts("concert123", "C", "concert", "H", "UTC", AT, 0, 1), [block]))
    event.tally = tally or Tally()
    return event


def _sold(number: int, *positions: int, **fields: object) -> FeedRow:
    return _row(number, changes=[[0, position, "b", 1] for position in positions], **fields)


def _refused(number: int, reason: str = "seat_taken") -> FeedRow:
    return _row(number, status="rejected", reason=reason)


def _project(maps: SeatMaps, *rows: FeedRow) -> projection.Changed:
    return projection.apply(projection.read(list(rows)), maps)


def _maps(event: Event) -> SeatMaps:
    maps = SeatMaps()
    maps.put(event)
    return maps


def test_seats_are_counted_by_category_and_what_is_kept_back_by_itself() -> None:
    maps = _maps(_event())
    blocked = _row(2, kind="block_seats", status="done", changes=[[0, 2, "b", 1]])
    held = _row(3, status="held", changes=[[0, 3, "h", 1]])
    changed = _project(maps, _sold(1, 0, 1), blocked, held)
    told = {one["category"]: one for one in changed.sales[0]["categories"]}
    assert [told["standard"][name] for name in ("available", "held", "booked", "blocked")] == [0, 1, 1, 0]
    assert [told["child"][name] for name in ("available", "held", "booked", "blocked")] == [0, 0, 1, 1]
    assert changed.blocks[0]["status"] == "bbbh", "what is kept back is shown as any other"
    released = _row(4, kind="release_seats", status="done", changes=[[0, 2, "a", 2]])
    assert _project(maps, released).sales[0]["categories"][1]["available"] == 1


def test_what_a_snapshot_says_is_kept_back_is_counted_so() -> None:
    event = _event("aHBb")
    assert event.figures == {USUAL: [1, 0, 1, 0], CHILD: [0, 0, 0, 2]}
    assert event.block_view(0)["status"] == "ahbb"


def test_seats_are_sold_in_the_minute_in_which_they_became_booked_and_held_ones_are_not() -> None:
    later = AT + timedelta(minutes=1)
    paid = _row(3, kind="settle_payment", status="done", booking_id="bk_9", changes=[[0, 3, "b", 2]], decided_at=later)
    held = _row(2, status="held", changes=[[0, 3, "h", 1]])
    changed = _project(_maps(_event()), _sold(1, 0, 1), held, paid)
    assert changed.sales[0]["sold"] == {str(MINUTE): 2, str(MINUTE + 1): 1}


def test_refusals_are_counted_by_reason_and_change_no_event() -> None:
    changed = _project(_maps(_event()), _refused(1), _refused(2), _refused(3, "not_enough_seats"))
    assert changed.sales[0]["refused"] == {"seat_taken": 2, "not_enough_seats": 1}
    assert (changed.blocks, changed.events) == ([], [])


def test_what_is_asked_of_an_event_that_there_is_not_is_counted_nowhere() -> None:
    assert counted(_refused(1, "unknown_event")) is None
    assert _project(SeatMaps(), _refused(1)).sales == []


def test_a_row_that_is_read_again_is_counted_once() -> None:
    maps = _maps(_event())
    first = _project(maps, _sold(1, 0), _refused(2))
    assert _project(maps, _sold(1, 0), _refused(2)).sales == first.sales


def test_counting_begins_with_the_publication() -> None:
    event = _event()
    event.tally = None
    before, published = _refused(1, "sale_not_open"), _row(2, kind="publish_event", status="done")
    assert _project(_maps(event), before).sales == []
    together = _project(_maps(event), before, published, _refused(3)).sales
    assert together[0]["refused"] == {"seat_taken": 1}
    event.tally = None
    apart = [_project(_maps(event), row).sales for row in (before, published, _refused(3))]
    assert apart[-1] == together, "however the feed is cut"


def test_of_old_minutes_only_their_sum_is_kept() -> None:
    tally = Tally()
    tally.add(Counted(Position(7, minute + 1), minute, 2) for minute in range(MAX_MINUTES + 3))
    assert (len(tally.sold), min(tally.sold), tally.earlier) == (MAX_MINUTES, 3, 6)
    tally.add([Counted(Position(8, 1), 0, 5)])
    assert (len(tally.sold), tally.earlier) == (MAX_MINUTES, 11)


_ROWS = st.lists(
    st.one_of(
        st.builds(lambda number: _sold(number, 0), st.just(0)),
        st.builds(lambda reason: _refused(0, reason), st.sampled_from(["seat_taken", "sale_closed"])),
        st.just(_row(0, kind="publish_event", status="done")),
    ),
    max_size=12,
)


@given(rows=_ROWS, cuts=st.lists(st.integers(0, 12), max_size=4), again=st.integers(0, 3))
def test_a_feed_read_in_pieces_some_of_them_twice_gives_the_same_tally(
    rows: list[FeedRow], cuts: list[int], again: int
) -> None:
    feed = [row._replace(id=number, decided_at=AT + timedelta(minutes=number)) for number, row in enumerate(rows, 1)]
    adds = [adds for adds in map(counted, feed) if adds is not None]
    whole = Tally()
    whole.add(adds)
    tally, before = Tally(), 0
    for cut in sorted({*cuts, len(adds)}):
        tally.add(adds[max(0, before - again) : cut])
        tally = Tally.of(sales_view("concert123", 1, {}, tally))  # as the next projector reads it
        before = cut
    assert sales_view("concert123", 1, {}, tally) == sales_view("concert123", 1, {}, whole)


def test_a_time_is_in_its_minute() -> None:
    row = _sold(1, 0, decided_at=datetime(2027, 1, 2, 3, 4, 59, 999_000, UTC))
    assert counted(row) == Counted(Position(7, 1), MINUTE, 1)
