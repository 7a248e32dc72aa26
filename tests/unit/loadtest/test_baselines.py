"""What the baselines' run prints."""

from loadtest.bench import baselines
from loadtest.bench.closed_loop import Figures
from loadtest.bench.contest import Busy, Contest
from loadtest.bench.one_event import OneEvent
from loadtest.bench.throughput import Durable, Throughput


def _clients(per_s: int) -> Figures:
    return Figures(answers=per_s, refused=0, broken=0, seconds=1, p50_ms=1, p95_ms=1, p99_ms=1)


def _crowded(direct_per_s: int, per_s: int) -> OneEvent:
    durable = Durable(_clients(per_s), shown=2 * per_s, seconds=2, backlog_s=0.5)
    return OneEvent(Throughput([_clients(direct_per_s)], [durable], []), [])


def _rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]


def test_each_figure_has_its_reference_and_their_ratio_beside_it() -> None:
    busy = [Busy(_clients(9), shown=shown, seconds=1, late_s=[late]) for shown, late in ((1_200, 0.5), (200, 15))]
    path = Contest(busy[:1], busy[1:], gentle_frontrow=[0.1], gentle_naive=[5], broken=[])
    rows = _rows(baselines.table(_crowded(500, 3_000), path))
    assert [row[1] for row in rows] == ["≥ 5", "≥ 5", "≥ 20", ""]
    assert rows[0][2:] == ["3,000 (3,000 to 3,000)", "500 (500 to 500)", "6.00 (6.00 to 6.00)"]
    assert rows[1][2:] == ["1,200 (1,200 to 1,200)", "200 (200 to 200)", "6.00 (6.00 to 6.00)"]
    assert rows[2][2:] == ["0.50 (0.50 to 0.50)", "15.0 (15.0 to 15.0)", "30.0 (30.0 to 30.0)"]
    assert rows[3][2:] == ["100", "5,000", "50"]


def test_a_ratio_on_one_event_meets_its_target_from_five_times_on() -> None:
    assert _crowded(500, 2_500).met
    assert not _crowded(500, 2_499).met
