"""Two commits beside each other: the ratios, and what is marked."""

import pytest

from loadtest.bench.comparison import Measured, Round, markdown, ratios


def _measured(
    name: str, per_s: list[float], cpu_us: float = 100, drains: tuple[tuple[float, float], ...] = ()
) -> Measured:
    rounds = [Round(one, p50_ms=10, p99_ms=20, cpu_us={"worker": cpu_us, "kafka": 50}) for one in per_s]
    return Measured(name, rounds, drains)


def _line(text: str, figure: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {figure}"))


def test_ratios_are_of_the_medians_and_of_neighbours() -> None:
    of_medians, of_rounds = ratios([100, 200, 400], [100, 100, 400])
    assert of_medians == 0.5
    assert of_rounds == 1


@pytest.mark.parametrize(("now", "marked"), [(920, False), (900, True), (2_000, False)])
def test_what_is_more_than_a_tenth_slower_is_marked(now: float, *, marked: bool) -> None:
    text = markdown(_measured("abc1234", [1_000, 1_000]), _measured("now", [now, now]), [], "2 cores")
    assert ("(worse)" in _line(text, "confirmed and shown")) == marked
    assert "(worse)" not in _line(text, "click to 202")


def test_processor_time_is_told_by_process_and_altogether() -> None:
    text = markdown(_measured("abc1234", [1_000]), _measured("now", [1_000], cpu_us=130), [], "2 cores")
    assert "| 150 (150 to 150) | 180 (180 to 180) | 1.20 **(worse)** | 1.20 |" in _line(
        text, "processor time a booking"
    )
    assert "1.30 **(worse)**" in _line(text, "… of worker")
    assert "| 1.00 |" in _line(text, "… of kafka")


def test_drains_are_told_where_there_are_some() -> None:
    with_drains = _measured("abc1234", [1_000], drains=((20_000, 30),))
    text = markdown(with_drains, _measured("now", [1_000], drains=((10_000, 60),)), [], "2 cores")
    assert "0.50 **(worse)**" in _line(text, "worker alone")
    assert "worker alone" not in markdown(with_drains, _measured("now", [1_000]), [], "2 cores")


def test_what_was_lost_makes_the_figures_void() -> None:
    text = markdown(_measured("abc1234", [1_000]), _measured("now", [1_000]), ["now: 3 accepted, 2 shown"], "2 cores")
    assert "these figures mean nothing" in text
    assert "- now: 3 accepted, 2 shown\n" in text
