"""Kafka in native mode: what its storage says."""

from pathlib import Path

from contracts.topics import BOOKING_REQUESTS
from infra.native.home import Home
from infra.native.kafka import has_log


def test_storage_without_the_topic_is_no_log(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert not has_log(home)
    (home.data / "kafka" / "__cluster_metadata-0").mkdir(parents=True)  # as a restore's start of PostgreSQL leaves it
    assert not has_log(home)
    (home.data / "kafka" / f"{BOOKING_REQUESTS}-0").mkdir()
    assert has_log(home)
