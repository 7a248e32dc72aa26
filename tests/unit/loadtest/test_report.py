"""The table that the README quotes."""

from loadtest.bench.open_loop import percentile_ms
from loadtest.bench.report import Circumstances, Row, markdown

AROUND = Circumstances("2026-11-21", "abc1234", "2 cores", 240.0)
MET = Row("figure", "≥ 2", "3.0 times", met=True)
MISSED = Row("other", "≥ 2", "1.0 times", met=False)


def test_a_figure_below_its_floor_is_marked_and_no_other() -> None:
    text = markdown([MET, MISSED], ["a note"], [], AROUND)
    assert "| figure | ≥ 2 | 3.0 times |\n" in text
    assert "| other | ≥ 2 | 1.0 times **(below)** |\n" in text
    assert "- a note\n" in text
    assert "abc1234" in text
    assert "Nothing was lost" in text


def test_what_was_lost_makes_the_figures_void() -> None:
    text = markdown([MET], [], ["3 bookings were lost"], AROUND)
    assert "these figures mean nothing" in text
    assert "- 3 bookings were lost\n" in text
    assert "Nothing was lost" not in text


def test_percentiles_are_nearest_rank_in_milliseconds() -> None:
    assert percentile_ms([0.003, 0.001, 0.002], 50) == 2
    assert percentile_ms([0.001] * 99 + [5.0], 99) == 1
    assert percentile_ms([0.001] * 98 + [5.0] * 2, 99) == 5000
    assert percentile_ms([], 99) == float("inf")
