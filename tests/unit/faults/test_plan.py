"""A seed is a plan: the same again and again, never two faults for one and the same thing."""

from contracts.topics import partition_of
from tests.faults.run.nemesis import DEALT, plan
from tests.faults.run.table import FAULTS, named


def test_the_same_seed_gives_the_same_plan() -> None:
    assert plan(7, FAULTS, 50) == plan(7, FAULTS, 50)
    assert plan(7, FAULTS, 50) != plan(8, FAULTS, 50)


def test_two_faults_at_once_never_want_the_same_thing() -> None:
    for _faults, _seed in plan(1, FAULTS, 500):
        if len(_faults) > 1:
            one, other = _faults
            assert not one.touches & other.touches
            assert not one.alone
            assert not other.alone


def test_every_fault_is_chosen_some_day() -> None:
    chosen = {fault.name for faults, _seed in plan(1, FAULTS, 2_000) for fault in faults}
    assert chosen == {fault.name for fault in FAULTS}


def test_seeds_in_a_row_leave_no_fault_out() -> None:
    seeds = range(1, 1 - len(FAULTS) // -DEALT)
    assert {round_.faults[0].name for seed in seeds for round_ in plan(seed, FAULTS, DEALT)} == {
        fault.name for fault in FAULTS
    }


def test_faults_are_found_by_name() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names)
    assert [fault.name for fault in named(names[:3])] == names[:3]


def test_the_worker_of_a_partition_is_what_a_cold_hall_is_for() -> None:
    assert {partition_of(f"faults-1-cold-{n}", 8) for n in range(200)} == set(range(8))
