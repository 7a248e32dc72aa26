"""After a topic was made anew the log that is there is proved, and of the former one what can be."""

from audit.findings import Findings, Invariant
from audit.invariants import check
from audit.replay import RulesReplay
from contracts.commands import Tick
from tests.unit.audit.histories import (
    PARTITION,
    PARTITIONS,
    Parts,
    book,
    booking_id,
    hall,
    healthy,
    made_anew,
    poison,
)


def checked(parts: Parts) -> Findings:
    return check(parts.history(), RulesReplay(PARTITIONS))


def sold_on_both() -> Parts:
    return made_anew([book(1, "A1"), book(2, "A1")], [book(3, "A2"), Tick(), book(4, "A1"), book(1, "A1")])


def test_a_healthy_history_passes_and_says_what_was_not_proved() -> None:
    findings = checked(sold_on_both())
    assert findings.ok, findings.violations
    assert findings.former == len(hall()) + 2
    assert findings.rest_on_former == 2
    assert [sentence.partition(" ")[0] for sentence in findings.unproved] == ["5", "2"]


def test_without_a_former_log_nothing_is_left_unproved() -> None:
    assert checked(healthy(book(1, "A1"))).unproved == []


def test_a_seat_that_is_sold_on_both_logs_has_two_owners() -> None:
    parts = sold_on_both()
    taken = parts.outcomes[0]
    parts.outcomes[0] = taken._replace(seat_ids=("A1",))
    assert Invariant.ONE_OWNER in {violation.invariant for violation in checked(parts).violations}


def test_a_command_of_this_log_that_lost_its_outcome_is_missed() -> None:
    parts = sold_on_both()
    parts.outcomes = [outcome for outcome in parts.outcomes if outcome.command_id != booking_id(4)]
    parts.bookings = [shown for shown in parts.bookings if shown.booking_id != booking_id(4)]
    (violation,) = checked(parts).violations
    assert violation.invariant is Invariant.ONE_OUTCOME
    assert violation.sentence.startswith(f"{booking_id(4)} at partition {PARTITION} offset 2")


def test_an_outcome_of_this_log_without_a_command_is_foreign_though_its_event_began_before() -> None:
    parts = sold_on_both()
    parts.outcomes[-1] = parts.outcomes[-1]._replace(log_offset=9)
    sentences = [violation.sentence for violation in checked(parts).violations]
    assert any("where the log has no command for it" in sentence for sentence in sentences)


def test_poison_on_a_former_event_is_healthy_with_its_dead_letter() -> None:
    parts = sold_on_both()
    parts.messages.append(poison(parts.end))
    parts.dead_letters.add((PARTITION, parts.end))
    parts.end += 1
    parts.decided_to = parts.decided_to._replace(next_offset=parts.end)
    assert checked(parts).ok
