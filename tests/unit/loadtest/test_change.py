"""Two runs beside each other: what is compared, and what is marked as beyond the noise."""

from collections.abc import Sequence

import pytest

from loadtest.bench.change import Change, changes, markdown
from loadtest.bench.figure import Figure, compared, measured
from loadtest.bench.results import Run


def _run(commit: str, *figures: Figure, cpu_us: dict[str, float] | None = None, broken: Sequence[str] = ()) -> Run:
    return Run(commit, "2026-11-25T10:00:00Z", "2 cores.", {}, 590, figures, cpu_us or {}, [], broken)


def _rounds(*values: float) -> Figure:
    return measured("rate", values, "bookings/s")


@pytest.mark.parametrize(
    ("before", "after", "is_beyond"),
    [
        ((90, 100, 110), (111, 120, 130), True),
        ((90, 100, 110), (110, 120, 130), False),  # they touch
        ((99, 100, 101), (102, 104, 105), False),  # apart, and by too little
        ((111, 120, 130), (90, 100, 110), True),
        ((100,), (115,), False),  # measured once
        ((100,), (116,), True),
        ((100,), (84,), True),
        ((99, 100, 101), (114,), False),  # the one of them once
    ],
)
def test_a_change_is_beyond_the_noise_where_rounds_are_apart(
    before: tuple[float, ...], after: tuple[float, ...], *, is_beyond: bool
) -> None:
    assert Change(_rounds(*before), _rounds(*after)).is_beyond_noise is is_beyond


def test_ratios_are_compared_where_both_have_one() -> None:
    before = compared("rate", [(100, 50), (102, 50)], "bookings/s", "direct")
    slower_machine = compared("rate", [(50, 25), (51, 25)], "bookings/s", "direct")
    assert Change(before, slower_machine).percent == 0
    assert Change(before, _rounds(50, 51)).percent == pytest.approx(-50)


@pytest.mark.parametrize(("after", "is_better"), [(50, True), (200, False)])
def test_less_is_better_of_what_gets_better_by_less(after: float, *, is_better: bool) -> None:
    before = measured("start", [100], "s", better="less")
    assert Change(before, before._replace(value=after)).is_better is is_better
    assert Change(_rounds(100), _rounds(after)).is_better is not is_better


def test_what_only_one_run_has_is_told_and_not_compared() -> None:
    before, after = (
        _run("a", _rounds(100), measured("old", [1], "s")),
        _run("b", _rounds(100), measured("new", [1], "s")),
    )
    assert [one.after.name for one in changes(before, after)] == ["rate"]
    text = markdown(before, after)
    assert "Only in A: old.\n" in text
    assert "Only in B: new.\n" in text


def test_what_was_nothing_before_has_no_change() -> None:
    text = markdown(_run("a", _rounds(0)), _run("b", _rounds(3)))
    assert "| rate | 0.00 | 3.00 bookings/s |  |  |  |" in text


def test_the_table_has_values_ratios_and_marks() -> None:
    before = _run("a", compared("rate", [(100, 50), (102, 50)], "bookings/s", "direct"), cpu_us={"worker": 50})
    after = _run("b", compared("rate", [(150, 50), (152, 50)], "bookings/s", "direct"), cpu_us={"worker": 60})
    text = markdown(before, after)
    assert "| rate | 101 | 151 bookings/s | 2.02 | 3.02 | +50 % **better** |" in text
    assert "| worker | 50.0 | 60.0 | +20 % **worse** |" in text
    assert "A change is marked where the rounds of the two runs do not overlap" in text


def test_a_broken_run_is_told() -> None:
    assert "B is BROKEN, its figures mean nothing: 3 lost" in markdown(_run("a"), _run("b", broken=["3 lost"]))
