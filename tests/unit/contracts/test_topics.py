"""An event's partition never changes. What the broker's own clients choose is held by an integration test."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import MAX_PARTITIONS, partition_of


@given(st.text(min_size=1, max_size=64), st.integers(1, MAX_PARTITIONS))
def test_every_event_has_a_partition(event_id: str, partitions: int) -> None:
    assert 0 <= partition_of(event_id, partitions) < partitions


@pytest.mark.parametrize(
    ("event_id", "partition"),
    [("concert123", 6), ("sports_event456", 3), ("theatre-hamlet", 7), ("arena-grand-final", 4)],
)
def test_known_events_stay_where_they_are(event_id: str, partition: int) -> None:
    assert partition_of(event_id, 8) == partition


@pytest.mark.parametrize(
    ("key", "murmur2"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
    ],
)
def test_the_hash_is_kafkas_own(key: str, murmur2: int) -> None:
    """The vectors of Kafka's ``UtilsTest``; more partitions than there can be show the whole hash."""
    assert partition_of(key, 2**31) == murmur2 & 0x7FFFFFFF
