"""The rules: what is refused, what is booked, and what holds for every log."""

from collections.abc import Sequence

import pytest
from hypothesis import given

from contracts.commands import BookSeats, EventCommand
from contracts.ids import ACCEPTANCE_BOUND_MS
from contracts.outcomes import Reason, SeatChange, Status
from tests.unit.worker.logs import EVENT, NOW_MS, SEATS, add, best, book, create, histories, on_sale, publish
from worker.decisions import Decision, Unreadable
from worker.hall import Hall
from worker.rules import LAST_TIME_MS, apply, decide


def play(log: Sequence[EventCommand | Unreadable], log_time_ms: int = NOW_MS) -> tuple[Hall, list[Decision]]:
    """Decide a log from nothing, leaving repeated ids out as the worker does."""
    hall = Hall()
    decisions: list[Decision] = []
    seen: set[str | None] = set()
    for command in log:
        if command.command_id in seen:
            continue
        seen.add(command.command_id)
        decisions.append(decide(hall, command, log_time_ms))
        apply(hall, command, decisions[-1], log_time_ms)
    return hall, decisions


def last(*log: EventCommand | Unreadable, log_time_ms: int = NOW_MS) -> Decision:
    return play(log, log_time_ms)[1][-1]


def test_a_free_seat_is_confirmed_with_its_new_version() -> None:
    assert last(*on_sale(), book(10, "A2")) == Decision(Status.CONFIRMED, changes=(SeatChange(0, 1, "b", 1),))


def test_changes_are_in_map_order_whatever_the_request_says() -> None:
    assert [change.position for change in last(*on_sale(), book(10, "B1", "A1", "A3")).changes] == [0, 2, 3]


def test_a_taken_seat_is_rejected_and_named_in_request_order() -> None:
    decision = last(*on_sale(), book(10, "A1", "A3"), book(11, "A3", "A2", "A1"))
    assert decision == Decision(Status.REJECTED, Reason.SEAT_TAKEN, conflicts=("A3", "A1"))


def test_a_seat_refused_together_with_a_taken_one_stays_free() -> None:
    hall, _ = play([*on_sale(), book(10, "A1"), book(11, "A1", "A2")])
    assert hall.seats["A2"].booking_id is None


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ([book(10, "A1")], Reason.UNKNOWN_EVENT),
        ([create(), add(), book(10, "A1")], Reason.SALE_NOT_OPEN),
        ([*on_sale(), book(10, "A1", "Z9")], Reason.UNKNOWN_SEAT),
    ],
)
def test_what_cannot_be_booked_is_rejected_with_its_reason(log: list[EventCommand], reason: Reason) -> None:
    assert last(*log) == Decision(Status.REJECTED, reason)


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ([create(1), create(2)], Reason.ALREADY_EXISTS),
        ([add()], Reason.UNKNOWN_EVENT),
        ([publish()], Reason.UNKNOWN_EVENT),
        ([create(), add(2), add(3, seat_ids=("C1",))], Reason.ALREADY_EXISTS),
        ([create(), add(2), add(3, block=1, seat_ids=("C1", "A1"))], Reason.DUPLICATE_SEAT),
        ([create(), add(2, seat_ids=("C1", "C1"))], Reason.DUPLICATE_SEAT),
        ([create(), add(), publish(3, blocks=2)], Reason.BLOCKS_MISSING),
        ([*on_sale(), publish(4)], Reason.ALREADY_PUBLISHED),
        ([*on_sale(), add(4, block=1, seat_ids=("C1",))], Reason.ALREADY_PUBLISHED),
    ],
)
def test_an_announcement_out_of_place_is_refused_with_its_reason(log: list[EventCommand], reason: Reason) -> None:
    assert last(*log) == Decision(Status.REFUSED, reason)


def test_an_events_version_counts_what_was_done_to_it() -> None:
    assert play([*on_sale(), create(9)])[0].version == 3


def test_a_command_is_accepted_up_to_the_bound_and_not_after() -> None:
    in_time = last(*on_sale(), book(10, "A1"), log_time_ms=NOW_MS + ACCEPTANCE_BOUND_MS)
    late = decide(Hall(), book(10, "A1"), NOW_MS + ACCEPTANCE_BOUND_MS + 1)
    assert (in_time.status, late) == (Status.CONFIRMED, Decision(Status.FAILED, Reason.NEVER_ACCEPTED))


def test_a_command_under_a_derived_id_is_never_too_late() -> None:
    keyed = book(10, "A1").model_copy(update={"keyed": True})
    assert last(*on_sale(), keyed, log_time_ms=NOW_MS + ACCEPTANCE_BOUND_MS).status is Status.CONFIRMED
    hall, _ = play(on_sale())
    assert decide(hall, keyed, NOW_MS + 100 * ACCEPTANCE_BOUND_MS).status is Status.CONFIRMED


@pytest.mark.parametrize(
    "command",
    [
        Unreadable("bk_x", "book_seats", EVENT, "no command"),
        book(10, "A1", "A1"),
        book(10, "A1", principal="some\0body"),
        book(10, "A1", issued_at_ms=-1),
        book(10, "A1", issued_at_ms=LAST_TIME_MS + 1),
        create().model_copy(update={"date": "2027-02-30T19:00:00Z"}),
        create().model_copy(update={"venue": "Ha\0ll"}),
        add().model_copy(update={"rows": add(seat_ids=tuple(f"S{n}" for n in range(600))).rows * 2}),
        add().model_copy(update={"price_minor": 2**63}),
    ],
)
def test_what_the_ledger_could_not_keep_is_unprocessable(command: EventCommand | Unreadable) -> None:
    assert decide(Hall(), command, NOW_MS) == Decision(Status.FAILED, Reason.UNPROCESSABLE)


def test_the_best_seats_are_those_nearest_to_the_middle_and_the_outcome_names_them() -> None:
    decision = last(*on_sale(), best(10, 1))
    assert decision == Decision(Status.CONFIRMED, changes=(SeatChange(0, 2, "b", 1),), seat_ids=("A3",))


def test_the_best_seats_are_held_where_seats_are_held() -> None:
    decision = last(*on_sale(hold_seconds=60), best(10, 5))
    assert (decision.status, {change.status for change in decision.changes}) == (Status.HELD, {"h"})


def test_the_best_seats_are_chosen_from_what_is_left() -> None:
    hall, decisions = play([*on_sale(), best(10, 2), book(11, "A3"), best(12, 2), best(13, 1)])
    assert [decision.reason for decision in decisions[-4:]] == [None, None, None, Reason.NOT_ENOUGH_SEATS]
    assert all(seat.booking_id for seat in hall.seats.values())


@pytest.mark.parametrize("wish", [best(10, 6), best(10, 1, "circle")])
def test_a_wish_that_nothing_meets_is_rejected(wish: BookSeats) -> None:
    assert last(*on_sale(), wish) == Decision(Status.REJECTED, Reason.NOT_ENOUGH_SEATS)


@given(histories())
def test_no_seat_has_two_owners(log: list[EventCommand]) -> None:
    _, decisions = play(log)
    booked = [change[:2] for decision in decisions for change in decision.changes]
    assert len(booked) == len(set(booked))


@given(histories())
def test_a_booking_gets_all_of_its_seats_or_none(log: list[EventCommand]) -> None:
    hall, decisions = play(log)
    unique = list({command.command_id: command for command in reversed(log)}.values())[::-1]
    asked = {command.command_id: command for command in unique}
    owned = {seat.booking_id for seat in hall.seats.values()} - {None}
    for booking_id in owned:
        command = asked[booking_id or ""]
        assert command.kind == "book_seats"
        assert {s for s, seat in hall.seats.items() if seat.booking_id == booking_id} == set(command.seat_ids)
    assert len(owned) == sum(decision.status is Status.CONFIRMED for decision in decisions)


@given(histories())
def test_a_refusal_always_says_why_and_a_success_never_does(log: list[EventCommand]) -> None:
    for decision in play(log)[1]:
        assert (decision.reason is None) == (decision.status in {Status.CONFIRMED, Status.DONE})
        assert bool(decision.conflicts) == (decision.reason is Reason.SEAT_TAKEN)


@given(histories())
def test_a_log_played_twice_is_decided_alike(log: list[EventCommand]) -> None:
    assert play(log) == play([*log, *log])


@given(histories())
def test_a_seat_that_nobody_booked_keeps_version_zero(log: list[EventCommand]) -> None:
    hall, _ = play(log)
    assert all(seat.version == (seat.booking_id is not None) for seat in hall.seats.values())
    assert set(hall.seats) <= {*SEATS, "C1", "C2", "C3", "C4"}
