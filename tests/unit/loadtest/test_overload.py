"""What the overload scenario makes of its samples."""

from loadtest.bench.overload import grown_mb


def test_growth_is_from_the_middle_of_the_samples_to_the_last() -> None:
    assert grown_mb([{"worker": 10}, {"worker": 50}, {"worker": 60}]) == {"worker": 10}
    assert grown_mb([{"worker": 10}]) == {"worker": 0}


def test_a_program_that_was_away_at_either_has_no_growth() -> None:
    samples: list[dict[str, float]] = [
        {"worker": 10, "audit": 1},
        {"audit": 2, "gateway": 5},
        {"worker": 60, "audit": 4},
    ]
    assert grown_mb(samples) == {"audit": 2}
