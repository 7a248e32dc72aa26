"""The life of one booking: what each command and tick makes of it, and what they refuse."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.commands import AboutBooking
from contracts.outcomes import BookingStatus, Reason, SeatCheckIn, Status
from contracts.seat_status import AVAILABLE, BOOKED, HELD
from tests.unit.worker.logs import EVENT, NOW_MS, ORGANISER, cancel, check_in, command_id, extend, settle, start
from worker.life_cycle import PAYING_MS, Booking, Step, expire, held, step

SEATS = ("A1", "A2", "A3")
HOLD_MS = 120_000
MADE = Booking(command_id("bk", 10), EVENT, 0, "p_1", 120, BookingStatus.CONFIRMED, None, SEATS)
HOLD = held(MADE, NOW_MS)


def do(booking: Booking, command: AboutBooking, now_ms: int = NOW_MS, *, free: bool = True) -> Step:
    return step(booking, command, now_ms, lambda: free)


def after(booking: Booking, *commands: AboutBooking, free: bool = True) -> Booking:
    """Return the booking after commands that all change it."""
    for command in commands:
        changed = do(booking, command, free=free).booking
        assert changed is not None
        assert changed.version == booking.version + 1
        booking = changed
    return booking


def expired(booking: Booking) -> Booking:
    ended = expire(booking).booking
    assert ended is not None
    return ended


PAYING = after(HOLD, start(60, 10))
CONFIRMED = after(PAYING, settle(61, 10))
EXPIRED = expired(HOLD)
LATE = after(EXPIRED, start(60, 10), free=False)
CANCELLED = after(HOLD, cancel(60, 10))
REJECTED = replace(MADE, status=BookingStatus.REJECTED)


def test_a_hold_ends_its_seconds_after_it_was_made() -> None:
    assert (HOLD.status, HOLD.due_at_ms, HOLD.version) == (BookingStatus.HELD, NOW_MS + HOLD_MS, 1)
    assert HOLD.state.expires_at_ms == NOW_MS + HOLD_MS


def test_a_tick_gives_all_seats_of_an_ended_hold_back() -> None:
    ended = expire(HOLD)
    assert (ended.seat_ids, ended.seat_status) == (SEATS, AVAILABLE)
    assert (EXPIRED.status, EXPIRED.reason, EXPIRED.due_at_ms) == (BookingStatus.EXPIRED, Reason.HOLD_EXPIRED, None)


def test_a_hold_is_extended_once_and_begins_anew() -> None:
    longer = do(HOLD, extend(60, 10), NOW_MS + 50_000).booking
    assert longer is not None
    assert longer.due_at_ms == longer.expires_at_ms == NOW_MS + 50_000 + HOLD_MS
    assert do(longer, extend(61, 10)) == Step(Status.REFUSED, Reason.ALREADY_EXTENDED)


def test_an_authorised_payment_confirms_and_books_the_seats() -> None:
    done = do(PAYING, settle(61, 10))
    assert (done.seat_ids, done.seat_status) == (SEATS, BOOKED)
    assert (CONFIRMED.status, CONFIRMED.due_at_ms, CONFIRMED.state.expires_at_ms) == (
        BookingStatus.CONFIRMED,
        None,
        None,
    )


def test_a_declined_payment_leaves_the_hold_as_long_as_it_was() -> None:
    declined = after(PAYING, settle(61, 10, authorised=False))
    assert (declined.status, declined.reason) == (BookingStatus.HELD, Reason.PAYMENT_DECLINED)
    assert declined.due_at_ms == HOLD.due_at_ms


def test_a_payment_keeps_the_seats_for_a_bounded_time_beyond_the_hold() -> None:
    assert PAYING.due_at_ms == HOLD.due_at_ms
    at_the_end = do(HOLD, start(60, 10), NOW_MS + HOLD_MS - 1).booking
    assert at_the_end is not None
    assert at_the_end.due_at_ms == NOW_MS + HOLD_MS - 1 + PAYING_MS


def test_a_late_authorisation_takes_the_seats_back_if_all_are_free() -> None:
    too_late = expired(PAYING)
    assert do(too_late, settle(61, 10))[3:] == (SEATS, BOOKED)
    voided = do(too_late, settle(61, 10), free=False)
    assert voided.seat_ids == ()
    assert voided.booking is not None
    assert (voided.booking.status, voided.booking.reason) == (BookingStatus.EXPIRED, Reason.PAYMENT_LATE)


def test_a_voided_payment_never_confirms_even_when_the_seats_are_free_again() -> None:
    voided = after(expired(PAYING), settle(61, 10), free=False)
    assert do(voided, settle(62, 10), free=True) == Step(Status.DONE)


def test_a_payment_that_starts_after_the_hold_takes_the_seats_if_all_are_free() -> None:
    begun = do(EXPIRED, start(60, 10), NOW_MS + HOLD_MS)
    assert begun[3:] == (SEATS, HELD)
    assert begun.booking is not None
    assert begun.booking.due_at_ms == NOW_MS + HOLD_MS + PAYING_MS
    assert (LATE.status, LATE.reason) == (BookingStatus.EXPIRED, Reason.PAYMENT_LATE)
    assert do(LATE, start(61, 10), free=False) == Step(Status.REFUSED, Reason.PAYMENT_LATE)


def test_some_seats_are_given_back_and_the_rest_stays() -> None:
    done = do(CONFIRMED, cancel(62, 10, "A3", "A1"))
    assert done.seat_ids == ("A1", "A3")
    assert done.booking is not None
    assert (done.booking.status, done.booking.seat_ids) == (BookingStatus.CONFIRMED, ("A2",))
    assert do(done.booking, cancel(63, 10, "A3")) == Step(Status.REFUSED, Reason.UNKNOWN_SEAT)


@pytest.mark.parametrize("booking", [HOLD, PAYING, CONFIRMED])
def test_what_has_seats_can_be_cancelled_and_gives_them_back_once(booking: Booking) -> None:
    done = do(booking, cancel(62, 10))
    assert (done.seat_ids, done.seat_status) == (SEATS, AVAILABLE)
    ended = after(booking, cancel(62, 10))
    assert (ended.status, ended.reason, ended.due_at_ms) == (BookingStatus.CANCELLED, Reason.BY_CUSTOMER, None)
    assert do(ended, cancel(63, 10)) == Step(Status.DONE)


@pytest.mark.parametrize(
    ("booking", "command"),
    [
        (REJECTED, cancel(60, 10)),
        (EXPIRED, cancel(60, 10)),
        (PAYING, cancel(60, 10, "A1")),
        (PAYING, extend(60, 10)),
        (CONFIRMED, extend(60, 10)),
        (CANCELLED, extend(60, 10)),
        (PAYING, start(60, 10)),
        (CONFIRMED, start(60, 10)),
        (CANCELLED, start(60, 10)),
        (REJECTED, start(60, 10)),
        (PAYING, settle(60, 10, attempt=2)),
        (HOLD, settle(60, 10)),
        (CANCELLED, settle(60, 10)),
        (CONFIRMED, settle(60, 10, authorised=False)),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(booking: Booking, command: AboutBooking) -> None:
    assert do(booking, command) == Step(Status.REFUSED, Reason.WRONG_STATE)


@pytest.mark.parametrize(
    ("booking", "command"),
    [
        (CONFIRMED, settle(62, 10)),
        (after(PAYING, settle(61, 10, authorised=False)), settle(62, 10, authorised=False)),
        (expired(PAYING), settle(62, 10, authorised=False)),
    ],
)
def test_a_result_that_was_said_before_changes_nothing(booking: Booking, command: AboutBooking) -> None:
    assert do(booking, command) == Step(Status.DONE)


def test_people_come_in_seat_by_seat_and_the_booking_stays_as_it_is() -> None:
    inside = after(CONFIRMED, check_in(70, 10, "A1"), check_in(71, 10, "A3"))
    assert inside.check_ins == tuple(SeatCheckIn(seat_id, NOW_MS, ORGANISER, "north") for seat_id in ("A1", "A3"))
    assert (inside.status, inside.seat_ids) == (BookingStatus.CONFIRMED, SEATS)
    assert inside.state.check_ins == inside.check_ins


def test_a_seat_lets_somebody_in_once() -> None:
    inside = after(CONFIRMED, check_in(70, 10, "A1"))
    assert do(inside, check_in(71, 10, "A1"), NOW_MS + 1) == Step(Status.REFUSED, Reason.ALREADY_CHECKED_IN)


@pytest.mark.parametrize("booking", [HOLD, PAYING, EXPIRED, LATE, CANCELLED, REJECTED])
def test_nobody_comes_in_with_a_booking_that_is_not_confirmed(booking: Booking) -> None:
    assert do(booking, check_in(70, 10, "A1")) == Step(Status.REFUSED, Reason.NOT_CONFIRMED)


def test_a_seat_that_was_given_back_lets_nobody_in_and_the_others_do() -> None:
    fewer = after(CONFIRMED, cancel(70, 10, "A1"))
    assert do(fewer, check_in(71, 10, "A1")) == Step(Status.REFUSED, Reason.TICKET_NOT_VALID)
    assert do(fewer, check_in(72, 10, "A2")).status is Status.DONE


def test_a_ticket_of_another_event_lets_nobody_in() -> None:
    refused = do(CONFIRMED, check_in(70, 10, "A1", event_id="another"))
    assert refused == Step(Status.REFUSED, Reason.TICKET_NOT_VALID)


def test_who_came_in_gives_nothing_back_but_the_organiser_does() -> None:
    inside = after(CONFIRMED, check_in(70, 10, "A1"))
    for seats in ((), ("A1",), ("A1", "A2")):
        assert do(inside, cancel(71, 10, *seats)) == Step(Status.REFUSED, Reason.ALREADY_CHECKED_IN)
    by_organiser = cancel(72, 10).model_copy(update={"by": "organiser"})
    ended = after(inside, by_organiser)
    assert (ended.status, ended.check_ins) == (BookingStatus.CANCELLED, inside.check_ins)


def test_who_did_not_come_in_may_be_given_back() -> None:
    inside = after(CONFIRMED, check_in(70, 10, "A1"))
    assert after(inside, cancel(71, 10, "A2")).seat_ids == ("A1", "A3")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cancel", "cancel one", "extend", "start", "authorised", "declined", "tick"]),
        st.integers(0, 90_000),
        st.booleans(),
    ),
    max_size=25,
)


def _take(booking: Booking, what: str, now_ms: int, *, free: bool) -> Step:
    match what:
        case "tick":
            due = booking.due_at_ms is not None and booking.due_at_ms <= now_ms
            return expire(booking) if due else Step(Status.DONE)
        case "cancel one":
            return do(booking, cancel(70, 10, *booking.seat_ids[:1]), now_ms, free=free)
        case "cancel":
            return do(booking, cancel(70, 10), now_ms, free=free)
        case "extend":
            return do(booking, extend(71, 10), now_ms, free=free)
        case "start":
            return do(booking, start(72, 10), now_ms, free=free)
        case _:
            told = settle(73, 10, attempt=max(1, booking.attempt), authorised=what == "authorised")
            return do(booking, told, now_ms, free=free)


@given(STEPS)
def test_whatever_becomes_of_a_booking_it_is_confirmed_once_and_ended_for_good(
    steps: list[tuple[str, int, bool]],
) -> None:
    booking, now_ms, confirmed = HOLD, NOW_MS, 0
    for what, later_ms, free in steps:
        now_ms += later_ms
        done = _take(booking, what, now_ms, free=free)
        if done.status is Status.REFUSED and done.booking is not None:  # noted as too late, and nothing else
            assert done.booking.reason is Reason.PAYMENT_LATE
            assert not done.seat_ids
        if done.booking is None:
            assert not done.seat_ids, "seats change with their booking or not at all"
            continue
        confirmed += done.booking.status is BookingStatus.CONFIRMED and booking.status is not BookingStatus.CONFIRMED
        assert booking.status is not BookingStatus.CANCELLED, "what was cancelled stays so"
        assert done.booking.version == booking.version + 1
        assert done.booking.attempt in {booking.attempt, booking.attempt + 1}
        assert done.booking.extended >= booking.extended, "an extension is never forgotten"
        assert set(done.seat_ids) <= set(booking.seat_ids), "no seat but its own"
        if not booking.has_seats and done.booking.has_seats:
            assert free, "seats that somebody else may have are not taken back"
        booking = done.booking
    assert confirmed <= 1
