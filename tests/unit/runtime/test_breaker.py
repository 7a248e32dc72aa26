"""A breaker rests for a while after a failure, and then lets somebody look."""

from runtime.breaker import Breaker


def test_it_rests_after_a_failure_and_not_for_ever() -> None:
    now = 100.0
    breaker = Breaker(rest_s=2, clock=lambda: now)
    assert not breaker.resting
    breaker.failed()
    assert breaker.resting
    now = 101.9
    assert breaker.resting
    now = 102.0
    assert not breaker.resting
