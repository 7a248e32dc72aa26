"""Charts: from figures to pictures with the right words and places. All figures here are invented."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.figure import Figure

from loadtest.charts.__main__ import charts, main
from loadtest.charts.cost import Costs
from loadtest.charts.style import Drawn, save, short
from loadtest.growth import names
from loadtest.growth.names import Measure
from loadtest.growth.series import Axes, Collected, Growth, replaced, write

COSTS = Costs({"gateway": 44.0, "write_api": 120.0, "postgres": 70.5}, "abc1234", "2 cores of X, 8 GB", "2026-02-03")


def rounds(group: str, x_name: str, x_unit: str, of: Mapping[tuple[str, Measure], Sequence[float]]) -> Collected:
    """Return series whose medians at x = 10, 100, … are these, each with a least and a most around it."""
    found = Collected(Axes(group, x_name, x_unit))
    for (what, measure), medians in of.items():
        for number, median in enumerate(medians, 1):
            found.add(what, measure, 10**number, [median * 0.9, median, median * 1.2])
    return found


EVERYTHING = (
    rounds(
        names.OFFERED,
        "offered",
        "a second",
        {
            (names.ACCEPTED, names.RATE): [10, 100, 700],
            (names.DECIDED, names.RATE): [10, 100, 640],
            (names.REFUSED, names.RATE): [0, 0, 300],
            (names.CLICK_P50, names.WAIT): [3, 4, 60],
            (names.CLICK_P99, names.WAIT): [12, 20, 900],
            (names.SHOWN_P50, names.WAIT): [60, 70, 1_900],
            (names.SHOWN_P99, names.WAIT): [90, 120, 4_000],
        },
    ),
    rounds(
        names.SEATS,
        "seats of an event",
        "",
        {
            (names.BOOKED, names.RATE): [2_000, 1_900, 1_500],
            ("event", names.READ): [1, 2, 9],
            ("section", names.READ): [1, 2, 2],
            (names.SHOWN_P50, names.WAIT): [50, 51, 52],
        },
    ),
    rounds(
        names.EVENTS,
        "events on sale",
        "",
        {
            (names.BOOKED, names.RATE): [2_000, 2_000],
            ("list", names.READ): [2, 3],
            ("read_api", names.START): [1, 1],
        },
    ),
    rounds(
        names.STORED,
        "bookings stored",
        "",
        {
            (names.BOOKED, names.RATE): [2_000, 1_000],
            (names.DRAINED, names.DRAIN): [15_000, 14_000],
            (names.STATUS, names.READ): [1, 1.1],
            (names.REBUILT, names.OVER_ALL): [3, 30],
            ("PostgreSQL", names.DISK): [90, 300],
            ("postgres", names.SERVER): [50, 60],
            ("worker", names.SERVICE): [80, 90],
        },
    ),
    rounds(
        names.STREAMS,
        "open streams",
        "",
        {
            (names.LAST_HEARS, names.WAIT): [90, 120, 310],
            (names.LAST_HEARS_AT_WORST, names.WAIT): [100, 180, 450],
            ("read_api", names.OF_A_STREAM): [40, 38, 37],
            ("read_api", names.CPU_OF_A_STREAM): [11, 10, 10],
        },
    ),
    rounds(
        names.PROCESSES,
        "processes of a service",
        "",
        {
            ("write_api", names.RATE): [2_000, 2_200, 2_100],
            ("worker", names.RATE): [2_000, 1_800, 1_600],
            ("read_api", names.STATUS_RATE): [8_000, 9_000, 8_000],
        },
    ),
    rounds(
        names.SOAK,
        "time",
        "minutes",
        {("worker", names.SERVICE): [80, 82, 85.4], ("kafka", names.SERVER): [300, 320, 330]},
    ),
)


def growth(*groups: str) -> Growth:
    series = [each for one in EVERYTHING if one.axes.group in groups for each in one.series()]
    return replaced(Growth(), series, "abc1234", "2026-02-03", "2 cores of X, 8 GB")


ALL = (names.OFFERED, names.SEATS, names.EVENTS, names.STORED, names.STREAMS, names.PROCESSES, names.SOAK)


def drawn(name: str, of: Growth | None = None) -> Drawn:
    found = dict(charts(of or growth(*ALL), COSTS))[name]
    assert found is not None
    return found


def texts(file: Path) -> list[str]:
    return [element.text or "" for element in ET.parse(file).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - ours


def lines(figure: Figure) -> dict[str, list[tuple[float, float]]]:
    return {
        str(line.get_label()): [(float(x), float(y)) for x, y in np.asarray(line.get_xydata())]
        for axes in figure.axes
        for line in axes.lines
    }


TITLES = {
    "throughput.svg": "Up to 640 bookings a second are decided",
    "latency.svg": "At 100 a second, 99 of 100 bookings are shown within 120 ms",
    "cost.svg": "A booking costs 234 µs of processor time, 120 of them in write_api",
    "growth-seats.svg": "Halls of 1,000 seats sell at 0.75 times the rate of 10",
    "growth-events.svg": "With 100 events on sale a hall sells at 1.00 times the rate with 10",
    "growth-bookings.svg": "With 100 bookings stored the next are made at 0.50 times the rate with 10",
    "growth-processes.svg": "With 1000 processes instead of one: write_api 1.05, worker 0.80 times the bookings",
    "growth-streams.svg": "The last of 1,000 listeners hears of a booking after 310 ms",
    "memory.svg": "In the second half of 1000 minutes no service grew by more than 3 MB",
}


def test_a_title_says_what_is_seen() -> None:
    assert {name: one.title for name, one in charts(growth(*ALL), COSTS) if one} == TITLES


def test_curves_go_through_the_medians_where_they_were_measured() -> None:
    found = lines(drawn("throughput.svg").figure)
    assert found["decided"] == [(10, 10), (100, 100), (1_000, 640)]
    assert found["refused or not answered"] == [(10, 0), (100, 0), (1_000, 300)]
    assert lines(drawn("growth-bookings.svg").figure)["worker"] == [(10, 80), (100, 90)]


def test_a_band_reaches_from_the_least_round_to_the_most() -> None:
    panel = drawn("growth-seats.svg").figure.axes[0]
    [band] = panel.collections
    extent = band.get_paths()[0].get_extents()
    assert (extent.y0, extent.y1) == (pytest.approx(1_500 * 0.9), pytest.approx(2_000 * 1.2))


def test_axes_say_what_and_in_which_unit() -> None:
    panels = drawn("growth-bookings.svg").figure.axes
    assert [panel.get_xlabel() for panel in panels] == ["", "", "", "", "", "", "bookings stored"]
    assert [panel.get_ylabel() for panel in panels] == [
        "bookings (a second)",
        "drain of a backlog (a second)",
        "time of one read (ms)",
        "time over all that is stored (s)",
        "on disk (MB)",
        "memory of a server (MB)",
        "memory of a service (MB)",
    ]
    assert drawn("latency.svg").figure.axes[0].get_yscale() == "log"
    assert drawn("memory.svg").figure.axes[0].get_xlabel() == "time (minutes)"


def test_bars_are_the_costs_and_the_dearest_is_on_top() -> None:
    panel = drawn("cost.svg").figure.axes[0]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["gateway", "postgres", "write_api"]
    assert [bar.get_width() for bar in panel.patches] == [44.0, 70.5, 120.0]  # type: ignore[attr-defined]


def test_the_file_is_made_of_text_and_tells_commit_and_date(tmp_path: Path) -> None:
    save(drawn("growth-streams.svg"), tmp_path / "chart.svg")
    found = texts(tmp_path / "chart.svg")
    assert TITLES["growth-streams.svg"] in found
    assert "memory of a stream (kB)" in found
    assert any("commit abc1234, 2026-02-03. 2 cores of X." in text for text in found)


def test_times_on_a_logarithmic_axis_are_written_as_people_do(tmp_path: Path) -> None:
    save(drawn("latency.svg"), tmp_path / "chart.svg")
    found = texts(tmp_path / "chart.svg")
    assert {"10", "50", "200", "1,000"} <= set(found)
    assert not any("10^" in text or "\N{MULTIPLICATION SIGN}" in text for text in found)


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    for file in ("one.svg", "other.svg"):
        save(drawn("throughput.svg"), tmp_path / file)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()
    assert b"<dc:date>" not in (tmp_path / "one.svg").read_bytes()


def test_what_was_not_measured_is_not_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "growth.json", growth(names.SEATS))
    where = ["--growth", str(tmp_path / "growth.json"), "--bench", str(tmp_path / "bench.json")]
    monkeypatch.setattr(sys, "argv", ["charts", *where, "--into", str(tmp_path / "charts")])
    assert main() == 0
    assert [file.name for file in (tmp_path / "charts").iterdir()] == ["growth-seats.svg"]
    assert "cost.svg: not measured yet" in capsys.readouterr().out


def test_costs_come_from_the_benchmark_and_other_data_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = tmp_path / "bench.json"
    bench.write_text(
        json.dumps({"figures": [], "cpu_us": dict(COSTS.cpu_us), "commit": "c", "machine": "m", "at": "d"})
    )
    where = ["--growth", str(tmp_path / "none.json"), "--bench", str(bench), "--into", str(tmp_path / "charts")]
    monkeypatch.setattr(sys, "argv", ["charts", *where])
    assert main() == 0
    assert TITLES["cost.svg"] in texts(tmp_path / "charts" / "cost.svg")
    bench.write_text("[]")
    assert main() == 2


def test_numbers_are_written_as_a_person_would() -> None:
    assert [short(value) for value in (0.5, 20, 1_500, 100_000, 5_000_000)] == ["0.5", "20", "1,500", "100 k", "5 M"]
