"""Every invariant is fed a history that breaks it, and must complain; a healthy one passes."""

from collections.abc import Callable

import pytest

from audit.findings import MAX_SENTENCES, Invariant
from audit.history import LedgerOutcome, SeatCount
from audit.invariants import check
from audit.replay import RulesReplay
from contracts.commands import BlockSeats, BookSeats, CancelEvent, Command, Tick
from contracts.ids import ACCEPTANCE_BOUND_MS
from contracts.outcomes import SeatChange
from tests.unit.audit.histories import (
    EVENT,
    PARTITION,
    PARTITIONS,
    START_MS,
    Parts,
    book,
    booking_id,
    command_id,
    hall,
    healthy,
    made_of,
    message,
    poison,
)


def complaints(parts: Parts) -> dict[Invariant, list[str]]:
    findings = check(parts.history(), RulesReplay(PARTITIONS))
    assert findings.ok == (not findings.violations)
    by_invariant: dict[Invariant, list[str]] = {}
    for violation in findings.violations:
        by_invariant.setdefault(violation.invariant, []).append(violation.sentence)
    return by_invariant


def sold() -> Parts:
    """Return a healthy history: one booking of two seats, one refused, one of another seat, one of no seat."""
    return healthy(book(1, "A1", "A2"), book(2, "A2", "A3"), Tick(), book(3, "A4"), book(4, "Z9"))


def outcome_of(parts: Parts, number: int) -> tuple[int, LedgerOutcome]:
    return next((n, o) for n, o in enumerate(parts.outcomes) if o.command_id == booking_id(number))


def test_a_healthy_history_passes_and_everything_in_it_was_checked() -> None:
    parts = sold()
    parts.accepted = {booking_id(1), booking_id(2)}
    findings = check(parts.history(), RulesReplay(PARTITIONS))
    assert findings.ok, findings.violations
    assert findings.checked[Invariant.ONE_OUTCOME] == 7
    assert findings.checked[Invariant.REPLAY] == 7
    assert findings.checked[Invariant.NO_FOREIGN] == 7
    assert findings.checked[Invariant.ONE_OWNER] == 3
    assert findings.checked[Invariant.SUM_OF_CHANGES] == 5
    assert findings.checked[Invariant.VIEW] == 10
    assert findings.checked[Invariant.WATERMARK] == 1


def test_an_empty_history_passes() -> None:
    assert complaints(healthy()) == {}


def test_a_repeated_command_poison_and_a_late_command_are_healthy() -> None:
    late = book(5, "A3", issued_at_ms=START_MS - ACCEPTANCE_BOUND_MS - 11)
    commands = [*hall(), book(1, "A1"), book(1, "A1"), late]
    messages = [message(offset, command) for offset, command in enumerate(commands)]
    parts = made_of([*messages, poison(6), poison(7, named=booking_id(9))])
    assert complaints(parts) == {}
    assert [outcome.status for outcome in parts.outcomes[3:]] == ["confirmed", "failed", "failed"]


def test_what_came_after_the_snapshot_is_left_out() -> None:
    parts = sold()
    parts.messages.append(message(len(parts.messages), book(8, "A3")))
    assert complaints(parts) == {}


def test_a_missing_outcome_is_named() -> None:
    parts = sold()
    del parts.outcomes[outcome_of(parts, 2)[0]]
    (sentence,) = complaints(parts)[Invariant.ONE_OUTCOME]
    assert booking_id(2) in sentence
    assert "has no outcome" in sentence


def test_an_accepted_booking_that_never_reached_the_log_is_named() -> None:
    parts = sold()
    parts.accepted = {booking_id(77)}
    assert complaints(parts) == {Invariant.ONE_OUTCOME: [f"{booking_id(77)} was accepted but has no outcome"]}


def test_a_double_outcome_is_named() -> None:
    parts = sold()
    parts.outcomes.append(outcome_of(parts, 2)[1])
    sentences = complaints(parts)[Invariant.ONE_OUTCOME]
    assert any("has more than one outcome" in sentence and booking_id(2) in sentence for sentence in sentences)


def test_an_undecided_end_of_the_log_is_named() -> None:
    parts = sold()
    parts.end += 2
    (sentence,) = complaints(parts)[Invariant.ONE_OUTCOME]
    assert f"partition {PARTITION} is decided up to offset 8, but the log goes to 10" in sentence


def test_a_poison_message_without_dead_letter_is_named() -> None:
    parts = made_of([*(message(n, command) for n, command in enumerate(hall())), poison(3)])
    parts.dead_letters.clear()
    assert "no dead letter" in complaints(parts)[Invariant.ONE_OUTCOME][0]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda outcome: outcome._replace(log_offset=5), id="at a tick"),
        pytest.param(lambda outcome: outcome._replace(log_offset=99), id="beyond the log"),
        pytest.param(lambda outcome: outcome._replace(log_partition=7), id="on a partition that is not there"),
    ],
)
def test_an_outcome_without_a_command_is_named(place: Callable[[LedgerOutcome], LedgerOutcome]) -> None:
    parts = sold()
    parts.outcomes.append(place(outcome_of(parts, 4)[1]._replace(command_id=booking_id(66))))
    (sentence,) = complaints(parts)[Invariant.NO_FOREIGN]
    assert booking_id(66) in sentence


def test_two_owners_of_a_seat_are_named() -> None:
    parts = sold()
    n, refused = outcome_of(parts, 2)
    changes = (SeatChange(0, 1, "b", 2), SeatChange(0, 2, "b", 1))
    parts.outcomes[n] = refused._replace(status="confirmed", reason=None, conflicts=(), changes=changes)
    (sentence,) = complaints(parts)[Invariant.ONE_OWNER]
    assert sentence == f"seat A2 of event concert1 is {booking_id(1)}'s and given to {booking_id(2)}"


def test_a_booking_that_replays_to_another_outcome_is_named() -> None:
    parts = sold()
    n, refused = outcome_of(parts, 2)
    parts.outcomes[n] = refused._replace(conflicts=("A3",))
    (sentence,) = complaints(parts)[Invariant.REPLAY]
    assert booking_id(2) in sentence
    assert "conflicts is ('A3',), replayed ('A2',)" in sentence


def test_a_confirmed_booking_that_arrived_too_late_is_named() -> None:
    late = book(5, "A3", issued_at_ms=START_MS - ACCEPTANCE_BOUND_MS - 11)
    parts = healthy(late)
    n, failed = outcome_of(parts, 5)
    parts.outcomes[n] = failed._replace(status="rejected", reason="seat_taken")
    assert "never_accepted" in complaints(parts)[Invariant.REPLAY][0]


def test_another_time_than_the_running_maximum_is_named() -> None:
    commands = [*hall(), book(1, "A1"), book(2, "A2")]
    parts = made_of([message(n, command, at_ms=START_MS + 100 - n) for n, command in enumerate(commands)])
    assert complaints(parts) == {}
    n, outcome = outcome_of(parts, 2)
    parts.outcomes[n] = outcome._replace(decided_at_ms=START_MS + 96)
    parts.decided_to = parts.decided_to._replace(log_time_ms=START_MS + 96)
    assert len(complaints(parts)[Invariant.REPLAY]) == 2


def test_a_log_that_lost_its_beginning_cannot_be_replayed() -> None:
    parts = sold()
    parts.first = 3
    assert "begins at offset 3" in complaints(parts)[Invariant.REPLAY][0]


def test_outcomes_out_of_log_order_are_named() -> None:
    parts = healthy(book(1, "A1"), book(2, "A1"))
    (m, first), (n, second) = outcome_of(parts, 1), outcome_of(parts, 2)
    parts.outcomes[m] = second._replace(log_offset=first.log_offset)
    parts.outcomes[n] = first._replace(log_offset=second.log_offset)
    assert len(complaints(parts)[Invariant.REPLAY]) == 2


def test_a_seat_that_is_not_the_sum_of_its_changes_is_named() -> None:
    parts = sold()
    parts.seats[0] = parts.seats[0]._replace(booking_id=booking_id(3))
    (sentence,) = complaints(parts)[Invariant.SUM_OF_CHANGES]
    assert "seat A1 of event concert1" in sentence


def test_a_seat_that_was_changed_without_an_outcome_is_named() -> None:
    parts = sold()
    parts.seats[2] = parts.seats[2]._replace(status="b", booking_id=booking_id(2), version=1)
    assert "seat A3" in complaints(parts)[Invariant.SUM_OF_CHANGES][0]


def test_a_gap_in_seat_versions_is_named() -> None:
    parts = sold()
    n, outcome = outcome_of(parts, 3)
    parts.outcomes[n] = outcome._replace(changes=(SeatChange(0, 3, "b", 2),))
    assert "to version 2, but the next one is 1" in complaints(parts)[Invariant.SUM_OF_CHANGES][0]


def test_a_changed_seat_that_the_ledger_lost_is_named() -> None:
    parts = sold()
    parts.seats.pop()
    assert "is not in the ledger" in complaints(parts)[Invariant.SUM_OF_CHANGES][0]


def test_an_event_that_lost_a_command_is_named() -> None:
    parts = sold()
    parts.event = parts.event._replace(version=2)
    assert "3 of its commands were done" in complaints(parts)[Invariant.SUM_OF_CHANGES][0]


def test_only_the_first_sentences_of_an_invariant_are_kept_but_all_are_counted() -> None:
    parts = sold()
    parts.accepted = {booking_id(number) for number in range(100, 100 + 3 * MAX_SENTENCES)}
    findings = check(parts.history(), RulesReplay(PARTITIONS))
    assert findings.broken[Invariant.ONE_OUTCOME] == 3 * MAX_SENTENCES
    assert len(findings.violations) == MAX_SENTENCES


@pytest.mark.parametrize("issued_at_ms", [START_MS - ACCEPTANCE_BOUND_MS, -1], ids=["never accepted", "unprocessable"])
def test_an_accepted_booking_that_failed_is_named(issued_at_ms: int) -> None:
    parts = healthy(book(1, "A1", issued_at_ms=issued_at_ms))
    assert complaints(parts) == {}
    parts.accepted = {booking_id(1)}
    ((invariant, (sentence,)),) = complaints(parts).items()
    assert invariant == Invariant.ONE_OUTCOME
    assert sentence.startswith(f"{booking_id(1)} was accepted but is failed ")


def test_a_seat_count_that_is_not_what_somebody_has_is_named() -> None:
    parts = limited(book(1, "A1", "A2"), book(2, "A3"))
    assert not complaints(parts)
    parts.seat_counts = [parts.seat_counts[0]._replace(seats=1)]
    assert complaints(parts) == {Invariant.SUM_OF_CHANGES: ["p_1 is said to have 1 seats of event concert1"]}
    parts.seat_counts = []
    assert complaints(parts) == {Invariant.SUM_OF_CHANGES: ["the 2 seats of p_1 at event concert1 are not counted"]}


def test_a_booking_beyond_the_limit_is_named() -> None:
    parts = limited(book(1, "A1", "A2"), book(2, "A3"))
    refused = next(outcome for outcome in parts.outcomes if outcome.reason == "limit_exceeded")
    parts.outcomes[parts.outcomes.index(refused)] = refused._replace(status="confirmed", reason=None)
    assert Invariant.REPLAY in complaints(parts)


def test_an_event_that_is_not_what_its_commands_made_it_is_named() -> None:
    parts = sold()
    parts.event = parts.event._replace(status="closed")
    assert complaints(parts)[Invariant.SUM_OF_CHANGES] == [
        "event concert1 is closed in the ledger, its commands make it on_sale"
    ]


def test_a_seat_that_somebody_kept_at_a_cancelled_event_is_named() -> None:
    called_off = CancelEvent(event_id=EVENT, command_id=command_id(9), issued_at_ms=START_MS)
    blocked = BlockSeats(event_id=EVENT, command_id=command_id(8), issued_at_ms=START_MS, seat_ids=("A4",))
    parts = of_commands(*hall(), blocked, book(1, "A1"), called_off, Tick())
    parts.event = parts.event._replace(status="cancelled", version=4)
    assert parts.seats[3].booking_id == blocked.command_id, "which is no booking"
    assert Invariant.SUM_OF_CHANGES not in complaints(parts)
    parts = of_commands(*hall(), book(1, "A1"), called_off)
    parts.event = parts.event._replace(status="cancelled", version=4)
    (sentence,) = complaints(parts)[Invariant.SUM_OF_CHANGES]
    assert sentence == f"seat A1 of event concert1, which is cancelled, is {booking_id(1)}'s"


def limited(*bookings: BookSeats) -> Parts:
    """Return the history of a hall in which nobody may have more than two seats."""
    create, *rest = hall()
    parts = of_commands(create.model_copy(update={"max_seats_per_user": 2}), *rest, *bookings)
    parts.event = parts.event._replace(max_seats_per_user=2)
    assert parts.event_view is not None
    parts.event_view["max_seats_per_user"] = 2
    parts.seat_counts = [SeatCount(EVENT, "p_1", 2)]
    return parts


def of_commands(*commands: Command | Tick) -> Parts:
    return made_of([message(offset, command) for offset, command in enumerate(commands)])
