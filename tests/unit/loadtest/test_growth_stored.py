"""How a platform is filled with bookings, and what its files take."""

from pathlib import Path

import pytest

from loadtest.growth.stored import AT_ONCE, FEWEST_BACKLOGS, HALLS, backlogs, disk_mb


@pytest.mark.parametrize("missing", [1, 97, 10_000, 900_000, 4_000_000])
def test_backlogs_are_enough_bounded_and_the_same_for_every_hall(missing: int) -> None:
    found = backlogs(missing)
    assert len(found) >= FEWEST_BACKLOGS
    assert missing <= sum(found) < missing + len(found) * HALLS
    assert max(found) <= AT_ONCE
    assert all(commands % HALLS == 0 for commands in found)


def test_a_platform_that_has_enough_already_gets_no_more() -> None:
    assert backlogs(0) == []
    assert backlogs(-5) == []


def test_disk_is_what_files_take_and_not_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "full").write_bytes(b"x" * 3 * 1024 * 1024)
    with (tmp_path / "hollow").open("wb") as hollow:
        hollow.truncate(100 * 1024 * 1024)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert 3 <= disk_mb(tmp_path) < 4
