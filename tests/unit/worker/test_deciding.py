"""Deciding whole logs: holds, payments, cancels and ticks in any order leave every seat with one owner or none."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.commands import Command, Tick
from contracts.outcomes import BookingStatus, Offer, Reason, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from tests.unit.worker.logs import (
    EVENT,
    NOW_MS,
    SEATS,
    add,
    book,
    cancel,
    command_id,
    create,
    extend,
    lives,
    on_sale,
    publish,
    settle,
    start,
    take,
)
from worker.deciding import EXPIRIES_PER_TICK, State
from worker.decisions import Decision
from worker.life_cycle import OFFER_MS

MS_A_MESSAGE = 300

SEAT_OF = {
    BookingStatus.OFFERED: HELD,
    BookingStatus.HELD: HELD,
    BookingStatus.PAYING: HELD,
    BookingStatus.CONFIRMED: BOOKED,
}

STEPS = {
    (AVAILABLE, HELD),
    (AVAILABLE, BOOKED),
    (HELD, BOOKED),
    (HELD, HELD),  # from an offer to the booking that takes it
    (HELD, AVAILABLE),
    (BOOKED, AVAILABLE),
}


def play(log: Sequence[Command | Tick], ms_a_message: int = MS_A_MESSAGE) -> tuple[State, list[Decision]]:
    """Decide a log from nothing, its messages so far apart."""
    state, decisions = State(), []
    for offset, command in enumerate(log):
        now_ms = NOW_MS + offset * ms_a_message
        if isinstance(command, Tick):
            decisions += [ended for _expiry, ended in state.tick(0, now_ms)]
        elif (decision := state.decide(command, 0, now_ms)) is not None:
            decisions += [*(other for _effect, other in decision.effects), decision]
    return state, decisions


def owned(state: State) -> dict[str, tuple[str, str]]:
    """Map each seat that is somebody's to its status and booking."""
    seats = state.halls[EVENT].seats
    return {seat_id: (seat.status, seat.booking_id) for seat_id, seat in seats.items() if seat.booking_id is not None}


def belongings(state: State) -> list[tuple[str, tuple[str, str]]]:
    """Return what the bookings say they have."""
    having = [
        (seat_id, (SEAT_OF[booking.status], booking.booking_id))
        for booking in state.bookings.values()
        if booking.has_seats
        for seat_id in booking.seat_ids
    ]
    plain = [
        (seat_id, (BOOKED, booking_id))
        for booking_id, request in state.requests.items()
        if request.status is Status.CONFIRMED and booking_id not in state.bookings
        for seat_id in request.seat_ids
    ]
    return having + plain


@given(lives())
def test_every_seat_is_its_one_booking_s_and_nobody_else_s(log: list[Command | Tick]) -> None:
    state, _ = play(log)
    said = belongings(state)
    assert len({seat_id for seat_id, _owner in said}) == len(said)
    assert dict(said) == owned(state)


@given(lives())
def test_a_seat_is_given_back_as_often_as_it_was_taken_and_is_free_between(log: list[Command | Tick]) -> None:
    state, decisions = play(log)
    last = dict.fromkeys(range(len(SEATS)), (AVAILABLE, 0))
    taken: Counter[int] = Counter()
    for decision in decisions:
        for change in decision.changes:
            status, version = last[change.position]
            assert change.version == version + 1
            assert (status, change.status) in STEPS
            taken[change.position] += (status == AVAILABLE) - (change.status == AVAILABLE)
            last[change.position] = change.status, change.version
    assert {position for position, times in taken.items() if times} == {
        seat.position for seat in state.halls[EVENT].seats.values() if seat.booking_id
    }


@given(lives())
def test_a_booking_s_versions_follow_one_another(log: list[Command | Tick]) -> None:
    _, decisions = play(log)
    versions: dict[str, int] = {}
    for decision in decisions:
        if decision.booking is None:
            continue
        booking_id, version = decision.booking.booking_id, decision.booking.version
        if decision.moved:
            made = decision.status is Status.HELD or decision.booking.status is BookingStatus.OFFERED
            first = 1 if made else 2
            assert version == (versions[booking_id] + 1 if booking_id in versions else first)
            versions[booking_id] = version
        assert (decision.booking.due_at_ms is None) == (decision.booking.status not in {"held", "paying", "offered"})


@given(lives())
def test_after_a_last_tick_nothing_is_held(log: list[Command | Tick]) -> None:
    state, _ = play(log)
    state.tick(0, NOW_MS + 10_000_000)
    assert not [seat_id for seat_id, (status, _owner) in owned(state).items() if status == HELD]


def test_a_hold_is_taken_away_by_the_first_tick_at_its_end_and_not_before() -> None:
    state, _ = play([*on_sale(hold_seconds=2), book(10, "A1")], 0)
    assert state.tick(0, NOW_MS + 1_999) == []
    assert state.tick(1, NOW_MS + 2_000) == [], "another partition's time"
    ((expiry, ended),) = state.tick(0, NOW_MS + 2_000)
    assert (expiry.booking_id, ended.seat_ids, ended.changes[0].status) == (command_id("bk", 10), ("A1",), AVAILABLE)
    assert state.tick(0, NOW_MS + 9_000) == []


def test_holds_end_in_order_of_time_and_id_and_so_many_a_tick() -> None:
    state = State()
    seats = tuple(f"S{n}" for n in range(EXPIRIES_PER_TICK + 5))
    for command in [on_sale(1)[0], *_big_hall(seats)]:
        state.decide(command, 0, NOW_MS)
    for n, seat_id in enumerate(seats):
        state.decide(book(5_000 - n, seat_id), 0, NOW_MS + n // 2)
    first = [expiry.booking_id for expiry, _ in state.tick(0, NOW_MS + 100_000)]
    rest = [expiry.booking_id for expiry, _ in state.tick(0, NOW_MS + 100_000)]
    assert len(first) == EXPIRIES_PER_TICK
    in_order = sorted((n // 2, command_id("bk", 5_000 - n)) for n in range(len(seats)))
    assert first + rest == [booking_id for _at, booking_id in in_order]


def _big_hall(seats: tuple[str, ...]) -> list[Command]:
    add, publish = on_sale()[1:]
    rows = [seats[:500], seats[500:1000], seats[1000:]]
    blocks = [
        add.model_copy(
            update={
                "command_id": command_id("cm", 20 + n),
                "block": n,
                "rows": (add.rows[0].model_copy(update={"seat_ids": row}),),  # type: ignore[union-attr]
            }
        )
        for n, row in enumerate(rows)
    ]
    return [*blocks, publish]


@given(st.sampled_from([cancel(60, 10), extend(60, 10), start(60, 10)]))
def test_a_booking_that_is_not_of_this_partition_is_unknown(command: Command) -> None:
    state, _ = play([*on_sale(hold_seconds=2), book(10, "A1")])
    elsewhere = state.decide(command, 1, NOW_MS)
    assert elsewhere is not None
    assert (elsewhere.status, elsewhere.reason) == (Status.REFUSED, Reason.UNKNOWN_BOOKING)


def test_a_plain_booking_begins_its_life_when_a_command_names_it() -> None:
    state, decisions = play([*on_sale(), book(10, "A1", "A2"), cancel(60, 10, "A1"), book(11, "A1")])
    assert decisions[-2].booking is not None
    assert (decisions[-2].booking.seat_ids, decisions[-2].booking.version) == (("A2",), 2)
    assert owned(state) == {"A2": (BOOKED, command_id("bk", 10)), "A1": (BOOKED, command_id("bk", 11))}


def test_a_booking_that_was_refused_cannot_be_cancelled() -> None:
    _, decisions = play([*on_sale(), book(10, "Z9"), cancel(60, 10), cancel(61, 11)])
    assert [decision.reason for decision in decisions[-2:]] == [Reason.WRONG_STATE, Reason.UNKNOWN_BOOKING]


def offer_of(*log: Command | Tick) -> Offer | None:
    """Return what the last command of a log was offered."""
    return play([*on_sale(hold_seconds=2), *log], 0)[1][-1].offer


def test_whoever_is_refused_is_offered_as_good_seats_which_are_held() -> None:
    state, decisions = play([*on_sale(), book(10, "A1", "A2"), book(11, "A1", "A2", offer=True)], 0)
    offer_id = command_id("of", 11)
    assert decisions[-1].offer == Offer(offer_id, ("A3", "B1"), NOW_MS + OFFER_MS)
    assert (decisions[-1].status, decisions[-1].conflicts) == (Status.REJECTED, ("A1", "A2"))
    assert owned(state)["B1"] == (HELD, offer_id)
    state.tick(0, NOW_MS + OFFER_MS)
    assert "B1" not in owned(state)


def test_nobody_is_offered_what_there_is_not_or_what_was_not_asked_for() -> None:
    assert offer_of(book(10, "A1", "A2", "A3"), book(11, "A1", "A2", "A3", offer=True)) is None
    assert offer_of(book(10, "A1"), book(11, "A1")) is None
    assert offer_of(book(11, "Z9", offer=True)) is None


@pytest.mark.parametrize(("hold_seconds", "status"), [(0, Status.CONFIRMED), (60, Status.HELD)])
def test_an_offer_is_taken_once_by_the_one_whom_it_was_made_to(hold_seconds: int, status: Status) -> None:
    log = [*on_sale(hold_seconds), book(10, "A1"), book(11, "A1", offer=True, principal="p_mine")]
    state, _ = play(log, 0)
    (offered,) = [seat_id for seat_id, (_, owner) in owned(state).items() if owner == command_id("of", 11)]
    stranger = state.decide(take(12, 11, principal="p_other"), 0, NOW_MS)
    mine = state.decide(take(13, 11, principal="p_mine"), 0, NOW_MS)
    again = state.decide(take(14, 11, principal="p_mine"), 0, NOW_MS)
    assert stranger is not None
    assert mine is not None
    assert again is not None
    assert (mine.status, mine.seat_ids) == (status, (offered,))
    assert owned(state)[offered] == (HELD if hold_seconds else BOOKED, command_id("bk", 13))
    assert [refused.reason for refused in (stranger, again)] == [Reason.HOLD_EXPIRED] * 2
    state.tick(0, NOW_MS + OFFER_MS)
    assert offered in owned(state)


def test_a_payment_fixes_what_each_seat_costs_when_it_starts() -> None:
    hall: list[Command] = [
        create(hold_seconds=60),
        add(seat_ids=("A1", "A2")),
        add(4, 1, ("B1",), 900, "EUR"),
        publish(blocks=2),
    ]
    _, decisions = play([*hall, book(10, "B1", "A2"), start(60, 10)])
    (started,) = [decision.payment for decision in decisions if decision.payment is not None]
    assert (started.attempt, started.currency) == (1, "EUR")
    assert dict(zip(started.seat_ids, started.prices, strict=True)) == {"B1": 900, "A2": 1_500}


def test_a_payment_that_is_started_anew_is_another_attempt_for_what_is_left() -> None:
    log = [*on_sale(60), book(10, "A1", "A2"), start(60, 10), settle(61, 10, authorised=False)]
    _, decisions = play([*log, cancel(62, 10, "A1"), start(63, 10)])
    started = [decision.payment for decision in decisions if decision.payment is not None]
    assert [(one.attempt, one.seat_ids, one.prices) for one in started] == [
        (1, ("A1", "A2"), (1_500, 1_500)),
        (2, ("A2",), (1_500,)),
    ]


@pytest.mark.parametrize(("price_minor", "currency"), [(None, None), (0, "EUR"), (None, "EUR"), (700, None)])
def test_seats_without_a_price_cost_nothing(price_minor: int | None, currency: str | None) -> None:
    hall: list[Command] = [create(hold_seconds=60), add(price_minor=price_minor, currency=currency), publish()]
    _, decisions = play([*hall, book(10, "A1"), start(60, 10)])
    assert decisions[-1].payment is not None
    assert (decisions[-1].payment.currency, decisions[-1].payment.prices) == (None, (0,))


def test_seats_in_two_currencies_cannot_be_one_payment() -> None:
    hall: list[Command] = [
        create(hold_seconds=60),
        add(seat_ids=("A1",)),
        add(4, 1, ("B1",), 900, "GBP"),
        publish(blocks=2),
    ]
    state, decisions = play([*hall, book(10, "A1", "B1"), start(60, 10)])
    assert (decisions[-1].status, decisions[-1].reason) == (Status.REFUSED, Reason.UNPROCESSABLE)
    assert state.bookings[command_id("bk", 10)].status is BookingStatus.HELD


def test_what_is_refused_starts_no_payment() -> None:
    _, decisions = play([*on_sale(60), book(10, "A1"), start(60, 10), start(61, 10), start(62, 99)])
    assert [decision.payment is not None for decision in decisions[-3:]] == [True, False, False]
