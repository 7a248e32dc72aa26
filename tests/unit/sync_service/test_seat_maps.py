"""Changes, replays and snapshots end in the same seats."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sync_service.feed import BlockState, EventFacts, EventState
from sync_service.seat_maps import Block, Event, SeatMaps

Change = tuple[int, int, str, int]


def _state(status: str = "aaaa", versions: list[int] | None = None, event_id: str = "concert123") -> EventState:
    block = BlockState(0, "stalls", status, versions or [0] * len(status))
    date = datetime(2027, 5, 1, 19, tzinfo=UTC)
    return EventState(EventFacts(event_id, "Concert", "concert", "Hall", "Europe/Vienna", date, 3, 2), [block])


def _block(status: str, versions: list[int]) -> Block:
    return Block(BlockState(0, "stalls", status, versions), {})


def test_a_change_of_a_higher_version_is_applied() -> None:
    block = _block("aaaa", [0, 0, 0, 0])
    block.change(1, "b", 1)
    assert (block.status, block.version, block.available) == (bytearray(b"abaa"), 2, 3)


def test_a_change_that_is_no_newer_changes_nothing() -> None:
    block = _block("abaa", [0, 3, 0, 0])
    block.change(1, "a", 3)
    block.change(1, "h", 2)
    assert (block.status, block.version, block.available) == (bytearray(b"abaa"), 4, 3)


def test_a_seat_that_comes_free_is_available_again() -> None:
    block = _block("ab", [0, 1])
    block.change(1, "a", 2)
    assert (block.status, block.available) == (bytearray(b"aa"), 2)


@st.composite
def _histories(draw: st.DrawFn) -> list[tuple[int, str, int]]:
    """Changes of four seats in feed order: each seat's versions rise by one."""
    versions = [0] * 4
    history = []
    for position in draw(st.lists(st.integers(0, 3), max_size=30)):
        versions[position] += 1
        history.append((position, draw(st.sampled_from("ahb")), versions[position]))
    return history


@given(history=_histories(), known=st.integers(0, 30), again_from=st.integers(0, 30))
def test_a_newer_snapshot_and_a_replay_end_in_the_same_block(
    history: list[tuple[int, str, int]], known: int, again_from: int
) -> None:
    straight = _block("aaaa", [0] * 4)
    for change in history:
        straight.change(*change)
    loaded = _block("aaaa", [0] * 4)
    for change in history[:known]:
        loaded.change(*change)
    for change in history[again_from:] + history:
        loaded.change(*change)
    assert (loaded.status, loaded.versions, loaded.version) == (straight.status, straight.versions, straight.version)
    assert straight.available == straight.status.count(b"a")
    assert straight.version == sum(straight.versions) + 1


def test_an_event_counts_its_seats_and_adds_its_versions() -> None:
    view = Event(_state("abha", [0, 1, 1, 2])).view()
    assert (view["seats_total"], view["seats_available"], view["version"]) == (4, 2, 2 + 5)
    assert (view["date"], view["partition"]) == ("2027-05-01T19:00:00Z", 3)


def test_a_block_is_shown_under_its_key() -> None:
    assert Event(_state("ab", [0, 1])).block_view(0) == {
        "_id": "concert123:0",
        "event_id": "concert123",
        "block": 0,
        "section": "stalls",
        "status": "ab",
        "version": 2,
    }


def test_the_events_used_last_are_kept() -> None:
    maps = SeatMaps(max_seats=8)
    for event_id in ("a", "b"):
        maps.put(Event(_state(event_id=event_id)))
    maps.get("a")
    maps.put(Event(_state(event_id="c")))
    maps.trim()
    assert [maps.get(event_id) is not None for event_id in "abc"] == [True, False, True]


def test_an_event_beyond_the_bound_is_kept_while_it_is_the_only_one() -> None:
    maps = SeatMaps(max_seats=1)
    maps.put(Event(_state()))
    maps.put(Event(_state()))
    maps.trim()
    assert maps.get("concert123") is not None
