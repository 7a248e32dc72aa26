"""What the overload scenario makes of its samples."""

from loadtest.bench.closed_loop import Told
from loadtest.bench.overload import Overloaded, figures, grown_mb, notes
from loadtest.bench.probes import NEVER, Probe


def test_growth_is_from_the_middle_of_the_samples_to_the_last() -> None:
    assert grown_mb([{"worker": 10}, {"worker": 50}, {"worker": 60}]) == {"worker": 10}
    assert grown_mb([{"worker": 10}]) == {"worker": 0}


def test_a_program_that_was_away_at_either_has_no_growth() -> None:
    samples: list[dict[str, float]] = [
        {"worker": 10, "audit": 1},
        {"audit": 2, "gateway": 5},
        {"worker": 60, "audit": 4},
    ]
    assert grown_mb(samples) == {"audit": 2}


def found(*, probes_late_p99_ms: float) -> Overloaded:
    told = Told(accepted=60_000, busy=240_000, unsure=0, often=0, other=0, broken=0, late_ms=20, seconds=60)
    late_s = probes_late_p99_ms / 1000
    amid = [Probe(5.0, 5.0 + late_s, 5.2 + late_s, 202, 6.0 + late_s), Probe(6.0, 6.0, 6.1, 503, NEVER)]
    return figures(1_000, told, amid, (2.0, 62.0), [{"worker": 10}], [])


def test_probes_that_leave_too_late_measure_the_machine_and_it_is_said() -> None:
    assert any("too busy" in note for note in notes(found(probes_late_p99_ms=2_000)))
    assert not any("too busy" in note for note in notes(found(probes_late_p99_ms=20)))


def test_a_probe_counts_from_when_it_was_due_and_its_outcome_from_its_answer() -> None:
    one = found(probes_late_p99_ms=100)
    assert round(one.accepted_p99_ms) == 300
    assert round(one.outcome_p99_ms) == 800
    assert one.broken == []
