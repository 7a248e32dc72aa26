"""What a growth run keeps: points of rounds, and a file in which each group is of one run."""

import json
from pathlib import Path

import pytest

from loadtest.growth.names import RATE, READ
from loadtest.growth.series import Axes, Collected, Growth, Point, Series, read, replaced, write


def one(name: str, median: float = 2.0, *, commit: str = "", at: str = "") -> Series:
    return Series(name, "seats", "", "bookings", "a second", (Point(10, 1, median, 3),), commit, at)


def test_a_point_has_the_least_the_median_and_the_most_of_its_rounds() -> None:
    assert Point.of(100, [3, 1, 2]) == Point(100, 1, 2, 3)


def test_rounds_become_series_whose_points_are_in_order() -> None:
    collected = Collected(Axes("seats", "seats of an event"))
    collected.add("booked", RATE, 1_000, [5, 7, 6])
    collected.add("booked", RATE, 100, [8])
    collected.add("event", READ, 100, [1.5])
    booked, event = collected.series()
    assert (booked.name, booked.group, booked.what) == ("seats: booked", "seats", "booked")
    assert booked.points == (Point(100, 8, 8, 8), Point(1_000, 5, 6, 7))
    assert (event.y_name, event.y_unit) == READ


def test_a_time_that_never_came_is_no_figure() -> None:
    collected = Collected(Axes("seats", "seats of an event"))
    collected.add("event", READ, 100, [float("inf")])
    collected.add("event", READ, 200, [float("inf"), 4])
    [event] = collected.series()
    assert event.points == (Point(200, 4, 4, 4),)


def test_a_run_replaces_its_own_groups_whole_and_leaves_the_others_with_their_commits() -> None:
    kept = Growth(
        "old", "2026-01-01", "2 cores", (one("seats: gone", commit="old"), one("events: booked", commit="older"))
    )
    found = replaced(kept, [one("seats: booked", 9)], "new", "2026-02-02", "4 cores")
    assert (found.commit, found.at, found.machine) == ("new", "2026-02-02", "4 cores")
    assert {each.name: each.commit for each in found.series} == {"events: booked": "older", "seats: booked": "new"}
    assert found.series[-1].at == "2026-02-02"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "growth.json"
    assert read(file) == Growth()
    growth = replaced(Growth(), [one("seats: booked")], "abc", "2026-02-02", "2 cores")
    write(file, growth)
    assert read(file) == growth
    data = json.loads(file.read_text())
    assert data.keys() == {"commit", "at", "machine", "series"}
    assert data["series"][0]["points"] == [{"x": 10, "min": 1, "median": 2.0, "max": 3}]


def test_a_series_is_found_by_group_and_measure_and_one_without_points_is_not() -> None:
    growth = Growth(series=(one("seats: booked"), Series("seats: x", "seats", "", "bookings", "a second", ())))
    assert growth.of("seats", RATE) == [growth.series[0]]
    assert growth.of("seats", READ) == []
    assert growth.find("seats", "booked") == growth.series[0]
    assert growth.find("seats", "x") is None


def test_no_file_is_left_behind_by_a_figure_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "growth.json"
    with pytest.raises(ValueError, match="JSON"):
        write(file, Growth(series=(one("seats: booked", float("nan")),)))
    assert not file.exists()
