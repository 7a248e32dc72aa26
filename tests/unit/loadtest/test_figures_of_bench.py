"""Every figure of make bench finds its target."""

from dataclasses import replace

from loadtest.bench import figures
from loadtest.bench.accepts import Accepts, Round
from loadtest.bench.closed_loop import Figures
from loadtest.bench.drain import Drained
from loadtest.bench.figure import Figure
from loadtest.bench.figures import Drains
from loadtest.bench.footprint import Footprint
from loadtest.bench.latency import Latency
from loadtest.bench.reads import Read
from loadtest.bench.throughput import Durable, Throughput


def _clients(per_s: int) -> Figures:
    return Figures(answers=per_s * 4, refused=0, broken=0, seconds=4.0, p50_ms=50, p95_ms=60, p99_ms=70)


def _drained(name: str, seconds: float) -> Drained:
    return Drained(name, commands=200_000, seconds=seconds, worker_cpu_s=4.0)


THROUGH = Throughput(
    direct=[_clients(1_000), _clients(500), _clients(1_000)],
    durable=[Durable(_clients(4_000), shown=20_000, seconds=5.0, backlog_s=backlog_s) for backlog_s in (0.3, 0.1, 2)],
    spent_s=[{"gateway": 0.8, "worker": 1.6, "load generator": 0.16}] * 3,
    broken=[],
)
DRAINS = Drains(
    [
        {
            "empty": _drained("empty", 10),
            "warm": _drained("warm", 8),
            "one-event": _drained("one-event", 10),
            "one-seat": _drained("one-seat", 4),
            "no-redis": _drained("no-redis", 6.4),
        }
    ],
    [(_clients(1_000), _clients(1_500))],
)
LATENCY = Latency(1_000, 60, (5, 30), (20, 40), (60, 140), {}, [])


def _by_name(found: list[Figure]) -> dict[str, Figure]:
    by_name = {one.name: one for one in found}
    assert len(by_name) == len(found), "a name is what runs are compared by"
    return by_name


def test_durable_bookings_are_compared_with_the_direct_round_beside_them() -> None:
    durable, backlog, cost, *context = figures.of_throughput(THROUGH)
    assert (durable.value, durable.reference, durable.ratio, durable.met) == (4_000, 1_000, 4, True)
    assert (backlog.value, backlog.met) == (0.3, True)
    assert {one.met for one in context} == {None}
    assert cost.met is True


def test_one_event_is_held_against_a_transaction_that_counts_it_down() -> None:
    found = figures.of_one_event(THROUGH)
    assert (found.value, found.reference, found.ratio, found.met) == (4_000, 1_000, 4, False)
    assert found.against == "direct with a counter row"


def test_a_booking_costs_what_all_but_the_load_generator_used() -> None:
    cost = _by_name(figures.of_throughput(THROUGH))[
        "processor time of an accepted booking, all components without the load generator"
    ]
    assert round(cost.value) == 150
    rounded = {name: round(us) for name, us in figures.cost_us(THROUGH).items()}
    assert rounded == {"gateway": 50, "worker": 100, "load generator": 10}


def test_drains_are_compared_with_the_warm_one_and_that_with_direct() -> None:
    drain, one_seat, one_event, empty, no_redis, cost = figures.of_drains(DRAINS)
    assert (drain.value, drain.reference, drain.ratio, drain.met) == (25_000, 1_250, 20, True)
    assert [(one.ratio, one.met) for one in (one_seat, one_event, empty)] == [(2, True), (0.8, False), (0.8, False)]
    assert (no_redis.ratio, no_redis.met) == (1.25, True)
    assert cost.value == 20


def test_each_stage_of_a_crowd_has_its_target() -> None:
    found = figures.of_crowd(LATENCY, "open loop 1,000/s", figures.CROWD_MS)
    assert [one.met for one in found if one.target] == [False, True, False]
    assert found[0].name == "open loop 1,000/s: click to 202, p99"
    _by_name(found)


def test_near_the_ceiling_it_does_not_matter_how_late_a_booking_is_shown() -> None:
    found = figures.of_crowd(LATENCY, "open loop at 80 %", figures.FULL_CROWD_MS)
    assert {one.name: one.met for one in found if one.met is not None} == {
        "open loop at 80 %: click to 202, p99": True,
        "open loop at 80 %: accepted to decided, p99": True,
    }


def test_a_click_that_was_refused_meets_no_target() -> None:
    refused = replace(LATENCY, accepted=(5, 20), refused={503: 2, 0: 1})
    first, *_ = figures.of_crowd(refused, "open loop 1,000/s", figures.CROWD_MS)
    assert first.flaw == "2 answered with 503; 1 answered with nothing"
    assert first.met is False


def test_accepts_are_compared_with_both_references() -> None:
    accepts = Accepts([Round(frontrow=7_000, unlogged=10_000, plain=5_000)], refused=0)
    unlogged, plain = figures.of_accepts(accepts)
    assert (unlogged.ratio, unlogged.met) == (0.7, True)
    assert (plain.ratio, plain.met) == (1.4, False)
    assert not any(one.met for one in figures.of_accepts(replace(accepts, refused=1)))


def test_a_read_that_failed_meets_no_target() -> None:
    read = Read("/api/events", 900, [(300, 400), (380, 400)], 0)
    assert figures.of_read(read, "list", 0.8).met is True
    assert figures.of_read(replace(read, failed=3), "list", 0.8).met is False
    assert figures.of_bookings_read([3_100, 3_200], 0).met is True
    assert figures.of_bookings_read([3_100, 3_200], 1).met is False


def test_memory_is_of_all_servers_and_of_the_largest_process() -> None:
    servers, process = figures.of_footprint(Footprint({"postgres": 40, "kafka": 330}, {"worker": 86, "read_api": 62}))
    assert (servers.value, process.value) == (370, 86)


def test_starts_have_their_targets() -> None:
    assert [one.met for one in figures.of_starts(20, 12)] == [True, True]
    assert [one.met for one in figures.of_starts(21, 13)] == [False, False]
