"""Event rules: who is heard, when there is a sale, what is kept back, who has too many, how a cancelled event ends."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given

from contracts.commands import Command, EventCommand, Tick
from contracts.event_commands import PricedSeats
from contracts.outcomes import CALL_OFF, BookingStatus, Reason, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from tests.unit.worker.logs import (
    EVENT,
    NOW_MS,
    ORGANISER,
    add,
    best,
    block,
    book,
    call_off,
    cancel,
    change,
    close_sale,
    command_id,
    create,
    extend,
    open_sale,
    organised,
    publish,
    release,
    seasons,
    settle,
    start,
    suspend,
    take,
)
from worker.deciding import State
from worker.decisions import Decision
from worker.life_cycle import OFFER_MS


def play(log: Sequence[Command | Tick], ms_a_message: int = 0) -> tuple[State, list[Decision]]:
    """Decide a log from nothing, its messages so far apart."""
    state, decisions = State(), []
    for offset, command in enumerate(log):
        now_ms = NOW_MS + offset * ms_a_message
        if isinstance(command, Tick):
            decisions += [ended for _effect, ended in state.tick(0, now_ms)]
        elif (decision := state.decide(command, 0, now_ms)) is not None:
            decisions += [*(other for _effect, other in decision.effects), decision]
    return state, decisions


def last(*log: Command | Tick, ms_a_message: int = 0, **terms: object) -> tuple[Status, Reason | None]:
    """Return how the last command of a log of an organised event ended."""
    decision = play([*organised(**terms), *log], ms_a_message)[1][-1]
    return decision.status, decision.reason


DONE = (Status.DONE, None)
FORBIDDEN = (Status.REFUSED, Reason.FORBIDDEN)


@pytest.mark.parametrize(
    "command", [change(100), open_sale(100), close_sale(100), call_off(100), block(100, "A1"), release(100, "A1")]
)
def test_only_its_organiser_and_operators_are_heard(command: EventCommand) -> None:
    assert last(command.model_copy(update={"by": "p_other"})) == FORBIDDEN
    assert last(command.model_copy(update={"by": ""})) == FORBIDDEN
    by_operator = command.model_copy(update={"by": "p_other", "operator": True})
    assert last(by_operator)[1] in {None, Reason.WRONG_STATE}


def test_nobody_adds_seats_to_the_event_of_somebody_else_nor_puts_it_on_sale() -> None:
    draft: list[Command] = [create(by=ORGANISER), add(by=ORGANISER)]
    assert play([*draft, add(5, 1, ("C1",), by="p_other")])[1][-1].reason is Reason.FORBIDDEN
    assert play([*draft, publish(by="p_other")])[1][-1].reason is Reason.FORBIDDEN


def test_an_event_of_nobody_is_the_operators() -> None:
    of_nobody: list[Command] = [create(), add(), publish()]
    assert play([*of_nobody, close_sale(100)])[1][-1].reason is Reason.FORBIDDEN
    by_operator = close_sale(100).model_copy(update={"operator": True})
    assert play([*of_nobody, by_operator])[1][-1].status is Status.DONE


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ([close_sale(100)], Reason.SALE_CLOSED),
        ([close_sale(100), open_sale(101)], None),
        ([suspend(100)], Reason.SALE_CLOSED),
        ([suspend(100), open_sale(101)], None),
        ([suspend(100), open_sale(101), suspend(100)], None),  # the same one again: whoever opened the sale meant it
        ([call_off(100)], Reason.EVENT_CANCELLED),
        ([call_off(100), open_sale(101)], Reason.EVENT_CANCELLED),
        ([change(100, on_sale_at_ms=NOW_MS + 1)], Reason.SALE_NOT_OPEN),
        ([change(100, on_sale_at_ms=NOW_MS)], None),
        ([change(100, off_sale_at_ms=NOW_MS)], Reason.SALE_CLOSED),
        ([change(100, off_sale_at_ms=NOW_MS + 1)], None),
        ([change(100, on_sale_at_ms=NOW_MS + 1), open_sale(101)], None),
        ([change(100, off_sale_at_ms=NOW_MS), open_sale(101)], None),
        ([change(100, off_sale_at_ms=NOW_MS), change(101, forget=("off_sale_at_ms",))], None),
    ],
)
def test_bookings_are_taken_while_the_sale_is_open(log: list[EventCommand], reason: Reason | None) -> None:
    assert last(*log, book(10, "A1")) == (Status.CONFIRMED if reason is None else Status.REJECTED, reason)


def test_a_sale_that_nobody_could_have_closed_is_not_suspended() -> None:
    assert last(call_off(100), suspend(101)) == (Status.REFUSED, Reason.EVENT_CANCELLED)
    assert play([create(), add(), suspend(101)])[1][-1].reason is Reason.SALE_NOT_OPEN


def test_an_offer_is_not_taken_once_the_sale_is_closed() -> None:
    offered: list[Command] = [book(10, "A1"), book(11, "A1", offer=True)]
    assert last(*offered, close_sale(100), take(12, 11)) == (Status.REJECTED, Reason.SALE_CLOSED)


def test_a_cancelled_event_stays_so() -> None:
    for command in (open_sale(101), close_sale(101), change(101, name="Other"), block(101, "A1")):
        assert last(call_off(100), command) == (Status.REFUSED, Reason.EVENT_CANCELLED)
    assert last(call_off(100), call_off(101)) == DONE


def test_a_draft_can_be_changed_and_neither_closed_nor_cancelled() -> None:
    draft: list[Command] = [create(by=ORGANISER), add(by=ORGANISER)]
    for command in (close_sale(100), open_sale(100), call_off(100)):
        assert play([*draft, command])[1][-1].reason is Reason.SALE_NOT_OPEN
    assert play([*draft, change(100, max_seats_per_user=1)])[0].halls[EVENT].max_seats_per_user == 1


def test_a_limit_changes_but_neither_comes_nor_goes_once_there_may_be_bookings() -> None:
    limit = Reason.ALREADY_PUBLISHED
    assert last(change(100, max_seats_per_user=3)) == (Status.REFUSED, limit)
    assert last(change(100, forget=("max_seats_per_user",)), max_seats_per_user=2) == (Status.REFUSED, limit)
    assert last(change(100, max_seats_per_user=3), max_seats_per_user=2) == DONE
    assert last(change(100, name="Other"), max_seats_per_user=2) == DONE


def test_changed_hold_seconds_are_those_of_later_bookings() -> None:
    state, _ = play([*organised(hold_seconds=60), book(10, "A1"), change(100, hold_seconds=0), book(11, "A2")])
    assert {seat_id: seat.status for seat_id, seat in state.halls[EVENT].seats.items() if seat.booking_id} == {
        "A1": HELD,
        "A2": BOOKED,
    }


@pytest.mark.parametrize(("purpose", "status"), [("kill", BOOKED), ("house", HELD)])
def test_blocked_seats_are_nobody_s_to_book_until_they_are_released(purpose: str, status: str) -> None:
    blocked = [block(100, "A1", "B2", purpose=purpose)]  # type: ignore[arg-type]
    state, decisions = play([*organised(), *blocked])
    assert [change.status for change in decisions[-1].changes] == [status] * 2
    assert state.halls[EVENT].version == len(organised()), "seats changed, the event did not"
    assert last(*blocked, book(10, "A1")) == (Status.REJECTED, Reason.SEAT_TAKEN)
    assert last(*blocked, release(101, "A1"), book(10, "A1")) == (Status.CONFIRMED, None)
    assert last(*blocked, best(10, 4)) == (Status.REJECTED, Reason.NOT_ENOUGH_SEATS)


def test_seats_are_blocked_and_released_all_or_none() -> None:
    state, decisions = play(
        [*organised(), book(10, "A1"), block(100, "A2", "A1"), release(101, "A1"), block(102, "Z9")]
    )
    refusals = [(decision.reason, decision.conflicts) for decision in decisions[-3:]]
    assert refusals == [(Reason.SEAT_TAKEN, ("A1",)), (Reason.WRONG_STATE, ("A1",)), (Reason.UNKNOWN_SEAT, ())]
    assert state.halls[EVENT].seats["A2"].status == AVAILABLE


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ([book(10, "A1", "A2"), book(11, "A3")], Reason.LIMIT_EXCEEDED),
        ([book(10, "A1", "A2", "A3")], Reason.LIMIT_EXCEEDED),
        ([book(10, "A1"), book(11, "A3")], None),
        ([book(10, "A1", "A2"), book(11, "A3", principal="p_other")], None),
        ([best(10, 3)], Reason.LIMIT_EXCEEDED),
        ([best(10, 2), best(11, 1)], Reason.LIMIT_EXCEEDED),
        ([book(10, "A1", "A2"), cancel(60, 10), book(11, "A3", "B1")], None),
        ([book(10, "A1", "A2"), cancel(60, 10, "A1"), book(11, "A3")], None),
        ([book(10, "A1", "A2"), cancel(60, 10, "A1"), book(11, "A3", "B1")], Reason.LIMIT_EXCEEDED),
        ([book(10, "A1", "A2"), change(100, max_seats_per_user=3), book(11, "A3")], None),
        ([book(10, "A1", "A2"), change(100, max_seats_per_user=1), book(11, "A3")], Reason.LIMIT_EXCEEDED),
    ],
)
def test_nobody_has_more_seats_than_the_limit(log: list[Command], reason: Reason | None) -> None:
    status, found = last(*log, max_seats_per_user=2)
    assert (found, status is Status.REJECTED) == (reason, reason is not None)


def test_what_is_held_and_offered_counts_until_it_ends() -> None:
    held = [book(10, "A1", "A2")]
    terms = {"max_seats_per_user": 2, "hold_seconds": 1}
    assert last(*held, book(11, "A3"), ms_a_message=0, **terms)[1] is Reason.LIMIT_EXCEEDED
    assert last(*held, Tick(), book(11, "A3"), ms_a_message=1_000, **terms)[1] is None
    offered: list[Command] = [book(10, "A1", principal="p_one"), book(11, "A1", principal="p_two", offer=True)]
    too_many = book(12, "B1", "B2", principal="p_two")
    assert last(*offered, too_many, max_seats_per_user=2)[1] is Reason.LIMIT_EXCEEDED
    state, _ = play([*organised(max_seats_per_user=2), *offered])
    state.tick(0, NOW_MS + OFFER_MS)
    fits = state.decide(too_many, 0, NOW_MS)
    assert fits is not None
    assert fits.status is Status.CONFIRMED


def test_nobody_is_offered_more_than_the_limit() -> None:
    log = [book(10, "A1", principal="p_one"), book(11, "A2", "A3"), book(12, "A1", offer=True)]
    assert play([*organised(max_seats_per_user=2), *log])[1][-1].offer is None


def test_a_late_payment_does_not_bring_back_more_than_the_limit() -> None:
    log: list[Command | Tick] = [book(10, "A1"), Tick(), book(11, "A2"), start(60, 10)]
    terms = {"max_seats_per_user": 1, "hold_seconds": 1}
    assert last(*log, ms_a_message=1_000, **terms) == (Status.REFUSED, Reason.PAYMENT_LATE)


@given(seasons())
def test_seats_are_counted_as_they_are_owned(
    log: list[Command | Tick],
) -> None:
    state, _ = play(log, 300)
    hall = state.halls[EVENT]
    owned: Counter[str] = Counter()
    for seat in hall.seats.values():
        if seat.booking_id is not None and not seat.blocked:
            principals = [state.requests[f"bk{seat.booking_id[2:]}"].principal]
            owned.update(principal for principal in principals if principal is not None)
    assert +hall.counts == (owned if hall.max_seats_per_user is not None else Counter())


def test_a_cancelled_event_s_bookings_end_a_block_a_tick_from_the_last_one() -> None:
    bookings: list[Command] = [book(10, "A1", "B1"), book(11, "A2"), book(12, "B2"), cancel(60, 11)]
    state, _ = play([*organised(), *bookings, call_off(100)])
    first = state.tick(0, NOW_MS)
    assert [(effect.kind, effect.booking_id) for effect, _ in first] == [
        (CALL_OFF, command_id("bk", 10)),
        (CALL_OFF, command_id("bk", 12)),
    ]
    for _effect, decision in first:
        assert decision.booking is not None
        assert (decision.booking.status, decision.booking.reason) == (BookingStatus.CANCELLED, Reason.EVENT_CANCELLED)
    assert state.halls[EVENT].clearing == 0
    assert state.tick(1, NOW_MS) == [], "another partition's tick"
    assert state.tick(0, NOW_MS) == []
    assert state.halls[EVENT].clearing is None
    assert not [seat for seat in state.halls[EVENT].seats.values() if seat.status != AVAILABLE]
    again = state.decide(call_off(101), 0, NOW_MS)
    assert again is not None
    assert (again.status, state.halls[EVENT].clearing) == (Status.DONE, None)


def test_what_is_blocked_at_a_cancelled_event_stays_so() -> None:
    state, decisions = play([*organised(), block(100, "A1"), call_off(101), Tick(), Tick()])
    assert state.halls[EVENT].seats["A1"].blocked
    assert decisions[-1].status is Status.DONE


@pytest.mark.parametrize("command", [extend(60, 10), start(60, 10)])
def test_nothing_goes_on_at_a_cancelled_event(command: Command) -> None:
    held: list[Command] = [book(10, "A1"), call_off(100)]
    assert last(*held, command, hold_seconds=60) == (Status.REFUSED, Reason.EVENT_CANCELLED)
    assert last(*held, cancel(61, 10), hold_seconds=60) == DONE


def test_a_payment_under_way_at_a_cancelled_event_confirms_nothing() -> None:
    paying: list[Command] = [book(10, "A1"), start(60, 10), call_off(100)]
    assert last(*paying, settle(61, 10), hold_seconds=60) == (Status.REFUSED, Reason.EVENT_CANCELLED)
    state, _ = play([*organised(hold_seconds=1), book(10, "A1"), start(60, 10)])
    state.tick(0, NOW_MS + 100_000)
    for command in (call_off(100), settle(61, 10)):
        state.decide(command, 0, NOW_MS)
    booking = state.bookings[command_id("bk", 10)]
    assert (booking.status, booking.reason) == (BookingStatus.EXPIRED, Reason.PAYMENT_LATE)


@given(seasons())
def test_a_cleared_event_has_nobody_s_seats(log: list[Command | Tick]) -> None:
    state, _ = play([*log, Tick(), Tick()], 300)
    hall = state.halls[EVENT]
    if hall.status == "cancelled":
        assert hall.clearing is None
        assert all(seat.blocked for seat in hall.seats.values() if seat.booking_id is not None)


def test_the_best_seats_for_a_price_are_of_that_price_seat_by_seat() -> None:
    dear = PricedSeats(category="front", price_minor=90, seat_ids=("A2", "A3"))
    hall = add(by=ORGANISER).model_copy(update={"price_minor": 50, "priced": (dear,)})
    on_sale: list[Command] = [create(by=ORGANISER), hall, publish(by=ORGANISER)]

    def chosen(count: int, max_price: int | None) -> tuple[str, ...]:
        wish = best(10, count)
        assert wish.best is not None
        asked = wish.model_copy(update={"best": wish.best.model_copy(update={"max_price": max_price})})
        return play([*on_sale, asked])[1][-1].seat_ids

    assert chosen(2, None) == ("A2", "A3")
    assert chosen(2, 50) == ("B1", "B2")
    assert chosen(3, 50) == ("A1", "B1", "B2"), "in parts, since nothing else is left for the money"
    assert chosen(4, 50) == ()
    assert chosen(1, 49) == ()


def test_seats_that_are_priced_twice_or_are_none_of_the_block_make_it_unprocessable() -> None:
    some = PricedSeats(category="front", price_minor=90, seat_ids=("A1",))
    for priced in ((some, some), (some.model_copy(update={"seat_ids": ("Z9",)}),)):
        decision = play([create(), add().model_copy(update={"priced": priced})])[1][-1]
        assert decision.reason is Reason.UNPROCESSABLE
