"""Every figure finds its floor."""

from dataclasses import replace

from loadtest.bench.closed_loop import Figures
from loadtest.bench.drain import Drained
from loadtest.bench.footprint import Footprint
from loadtest.bench.latency import Latency
from loadtest.bench.reads import Read
from loadtest.bench.table import Drains, Measured, notes, rows
from loadtest.bench.throughput import Durable, Throughput


def _direct(per_s: int) -> Figures:
    return Figures(answers=per_s * 4, refused=0, broken=0, seconds=4.0, p50_ms=50, p95_ms=60, p99_ms=70)


def _drained(name: str, seconds: float) -> Drained:
    return Drained(name, commands=200_000, seconds=seconds, worker_cpu_s=4.0)


MEASURED = Measured(
    throughput=Throughput(
        direct=[_direct(1_000), _direct(500), _direct(1_000)],
        durable=[Durable(_direct(4_000), shown=20_000, seconds=5.0, backlog_s=0.3)] * 3,
        broken=[],
    ),
    drains=Drains(
        {
            "empty": _drained("empty", 10),
            "warm": _drained("warm", 9.5),
            "one-event": _drained("one-event", 10.5),
            "one-seat": _drained("one-seat", 5),
        },
        [_direct(1_000), _direct(1_500), _direct(10), _direct(10), _direct(10)],
    ),
    latency=Latency((5, 30), (20, 60), (60, 140), {}, []),
    listed=Read("/api/events", 900, 30_000, 0.8, 0),
    seat_map=Read("/api/events/concert123", 54_000, 30_000, 0.9, 0),
    footprint=Footprint({"postgres": 40, "kafka": 330}, {"worker": 86, "read_api": 62}),
    first_start_s=20,
    second_start_s=9,
)


def test_there_is_a_row_for_every_figure_and_good_ones_meet_their_floors() -> None:
    found = rows(MEASURED)
    assert len(found) == 8
    assert all(row.met for row in found)
    durable, draining, same, empty, *_ = (row.measured for row in found)
    assert durable == "4.0 times (4,000/s), backlog gone in 0.30 s"
    assert draining == "16.0 times (20,000/s)"
    assert same == "0.95 (19,048/s); 2.00 (40,000/s)"
    assert empty.startswith("0.95 ")


def test_a_click_that_was_lost_is_below_any_floor() -> None:
    lossy = replace(MEASURED, latency=replace(MEASURED.latency, broken=["1 accepted bookings were not shown"]))
    [missed] = [row for row in rows(lossy) if not row.met]
    assert missed.measured.endswith("1 accepted bookings were not shown")


def test_a_refused_click_or_a_failed_read_is_below_its_floor_too() -> None:
    refused = replace(MEASURED.latency, refused={503: 2, 0: 1})
    missed = [
        row.measured
        for row in rows(replace(MEASURED, latency=refused, listed=replace(MEASURED.listed, failed=3)))
        if not row.met
    ]
    assert missed[0].endswith("2 answered with 503; 1 answered with nothing")
    assert missed[1].endswith("3 reads failed")


def test_the_notes_give_the_rounds() -> None:
    text = "\n".join(notes(MEASURED))
    assert "direct 1,000, 500, 1,000/s, Frontrow 4,000, 4,000, 4,000/s" in text
    assert "worker 86 MB, read_api 62 MB" in text
