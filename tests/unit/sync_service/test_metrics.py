"""The view's age, which tells a feed that is held from one that is drained."""

from sync_service.metrics import VIEW_AGE, Age


def _shown() -> float:
    return next(iter(VIEW_AGE.collect())).samples[0].value


def test_the_age_grows_while_no_time_is_told_and_is_young_again_when_one_is() -> None:
    now = [1_000.0]
    age = Age(lambda: now[0])
    now[0] = 1_040.0
    assert _shown() == 40.0
    age.told(1_038_000)
    assert _shown() == 2.0


def test_a_night_before_the_start_is_no_age() -> None:
    now = [100_000.0]
    age = Age(lambda: now[0])
    age.told(7_000)
    assert _shown() == 0.0
    now[0] += 3
    assert _shown() == 3.0
