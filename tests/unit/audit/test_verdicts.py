"""What the health service makes of what the processes say."""

from audit.auditor.report import NOT_ASKED, broken
from audit.auditor.violations import Violation
from audit.verdicts import (
    ACTIVE,
    DECIDED,
    LOG_LAG,
    PARTITIONS,
    PROJECTION_LAG,
    STALLED_AFTER_S,
    VIEW_AGE,
    Progress,
    Sighting,
    accepted,
    audited,
    decided,
    shown,
)

READY = Sighting("write_api-0")
AWAY = Sighting("write_api-1", "cannot be reached")


def worker(lag: float, done: float, complaint: str = "") -> Sighting:
    return Sighting("worker-0", complaint, {LOG_LAG: lag, DECIDED: done})


def projector(number: int, active: float, lag: float, complaint: str = "") -> Sighting:
    return Sighting(f"sync_service-{number}", complaint, {ACTIVE: active, PROJECTION_LAG: lag})


def test_one_ready_process_is_enough_and_the_others_are_named() -> None:
    verdict = accepted([READY, AWAY])
    assert verdict.ok
    assert verdict.degraded == ("write_api-1: cannot be reached",)
    assert verdict.detail == "1 of 2 write_api ready"


def test_no_ready_process_is_unavailable_and_says_which_and_why() -> None:
    verdict = accepted([AWAY])
    assert not verdict.ok
    assert verdict.detail == "write_api-1: cannot be reached"


def test_a_worker_with_work_that_decides_nothing_is_stuck_after_the_bound() -> None:
    progress = Progress()
    progress.stalled_s([worker(5, 100)], 0.0)
    early = decided([worker(5, 100)], progress.stalled_s([worker(5, 100)], STALLED_AFTER_S - 0.1))
    late = decided([worker(5, 100)], progress.stalled_s([worker(5, 100)], STALLED_AFTER_S))
    assert early.ok
    assert not late.ok
    assert "none was decided" in late.detail


def test_a_worker_that_decides_under_a_growing_backlog_is_not_stuck() -> None:
    progress = Progress()
    for second in range(20):
        seen = worker(1_000 * (second + 1), 500 * second)
        assert decided([seen], progress.stalled_s([seen], float(second))).ok


def test_an_idle_worker_is_not_stuck() -> None:
    progress = Progress()
    for second in range(20):
        assert decided([worker(0, 7)], progress.stalled_s([worker(0, 7)], float(second))).ok


def test_a_worker_that_comes_back_is_not_stuck_any_more() -> None:
    progress = Progress()
    for seconds, seen in ((0.0, worker(5, 100)), (9.0, worker(5, 100)), (10.0, worker(3, 102))):
        stalled = progress.stalled_s([seen], seconds)
    assert decided([worker(3, 102)], stalled).ok


def test_a_standby_projector_is_no_complaint_but_somebody_must_be_active() -> None:
    readers = [Sighting("read_api-0")]
    assert shown(readers, [projector(0, 1, 0.1), projector(1, 0, 0)]).ok
    assert shown(readers, [projector(0, 1, 0.1), projector(1, 0, 0)]).degraded == ()
    nobody = shown(readers, [projector(0, 0, 0), projector(1, 0, 0)])
    assert not nobody.ok
    assert "no sync_service is active" in nobody.detail


def test_an_old_view_is_not_shown() -> None:
    verdict = shown([Sighting("read_api-0")], [projector(0, 1, 31.0)])
    assert not verdict.ok
    assert "the view is 31 s old" in verdict.detail


def test_a_view_whose_time_stands_still_is_not_shown_though_no_row_is_known_to_wait() -> None:
    projector_below_a_held_horizon = Sighting("sync_service-0", "", {ACTIVE: 1, PROJECTION_LAG: 0, VIEW_AGE: 31.0})
    assert not shown([Sighting("read_api-0")], [projector_below_a_held_horizon]).ok


def test_shown_needs_readers_as_well() -> None:
    assert not shown([Sighting("read_api-0", "not ready: view")], [projector(0, 1, 0)]).ok


def test_an_active_projector_in_trouble_is_not_replaced_by_a_ready_standby() -> None:
    verdict = shown([Sighting("read_api-0")], [projector(0, 1, 99.0), projector(1, 0, 0)])
    assert not verdict.ok


def test_partitions_of_a_worker_that_is_gone_are_missed_until_somebody_has_them() -> None:
    first, second = Sighting("worker-0", "", {PARTITIONS: 5}), Sighting("worker-1", "", {PARTITIONS: 3})
    assert decided([first, second], {}, 8).ok
    gone = [first, Sighting("worker-1", "cannot be reached")]
    verdict = decided(gone, {}, 8)
    assert not verdict.ok
    assert "3 partitions have no worker" in verdict.detail
    all_of_them = [Sighting("worker-0", "", {PARTITIONS: 8}), gone[1]]
    assert decided(all_of_them, {}, 8).ok


def test_partitions_that_two_workers_tell_of_while_they_change_hands_are_no_orphans() -> None:
    both = [Sighting("worker-0", "", {PARTITIONS: 8}), Sighting("worker-1", "", {PARTITIONS: 4})]
    assert decided(both, {}, 8).ok
    assert decided([Sighting("worker-0", "", {PARTITIONS: 4}), both[1]], {}, 8).ok


def test_a_worker_that_stands_by_is_no_complaint() -> None:
    verdict = decided([Sighting("worker-0", "", {PARTITIONS: 8}), Sighting("worker-1", "", {PARTITIONS: 0})], {}, 8)
    assert verdict.ok
    assert verdict.degraded == ()


def test_a_violation_makes_the_verdict_bad_whatever_becomes_of_the_auditor_and_names_each_event_once() -> None:
    found = [broken(Violation("the seat is not what its changes make it", event)) for event in ("one", "one", "two")]
    report = NOT_ASKED.model_copy(update={"violations": 3, "broken": found})
    gone = Sighting("auditor-0", "cannot be reached")
    for auditors in ([Sighting("auditor-0")], [gone]):
        verdict = audited(auditors, report)
        assert not verdict.ok
        assert verdict.detail.count("event one") == verdict.detail.count("event two") == 1
    assert audited([gone], NOT_ASKED).ok
    assert audited([gone], NOT_ASKED).degraded == ("auditor-0: cannot be reached",)
