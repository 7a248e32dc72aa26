"""What waited too long to be read, by clocks that may differ."""

import pytest

from write_api.unread import FORGETS, READ_WITHIN_S, Unread

NOW = 1_796_000_000.0


def seen(took: float = 0.01, *, at: float = NOW, ahead: float = 0.0) -> Unread:
    """Return one that has seen a request which took so long, by a gateway whose clock is so much ahead."""
    unread = Unread()
    assert not unread.is_too_late(at - took + ahead, at)
    return unread


@pytest.mark.parametrize("ahead", [0.0, 2.0, -2.0, 3_600.0, -3_600.0])
def test_half_of_the_gateways_patience_is_too_long_whatever_its_clock_is(ahead: float) -> None:
    assert not seen(ahead=ahead).is_too_late(NOW - 1.5 + ahead, NOW)
    assert seen(ahead=ahead).is_too_late(NOW - 1.6 + ahead, NOW)


@pytest.mark.parametrize("step", [3.5, -3.5, -2.0, 3_600.0, -3_600.0])
def test_a_step_of_a_clock_refuses_nobody(step: float) -> None:
    unread = seen()
    for later in range(3):
        assert not unread.is_too_late(NOW + later - step, NOW + later)


def test_a_step_that_looks_like_a_crowd_refuses_nobody_for_long() -> None:
    unread = seen()
    step = 2.0
    refused = [unread.is_too_late(NOW + later - step, NOW + later) for later in range(1, 60)]
    assert refused[0]
    assert refused.count(True) <= (step - READ_WITHIN_S) / FORGETS + 1
    assert refused == sorted(refused, reverse=True)


def test_after_an_hour_without_anybody_a_quick_request_is_the_measure_again() -> None:
    unread, later = seen(), NOW + 3_600
    assert not unread.is_too_late(later - 0.02, later)
    assert unread.is_too_late(later - 1.6, later)
