"""Any interleaving of customers, worker, payments, provider and failures leaves the money where the seats are."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.outcomes import BookingStatus
from test_provider import intents
from test_provider.tokens import AUTHORISED, DECLINED, Behaviour
from tests.unit.payments.world import BOOKINGS, World
from tests.unit.worker.logs import cancel, command_id

PRICE = 1_500

BEHAVIOURS = st.lists(
    st.sampled_from([Behaviour(), Behaviour(DECLINED), Behaviour(after_s=1.0), Behaviour(DECLINED, after_s=1.0)]),
    max_size=4,
)
ONE_BY_ONE = ("decide", "intake", "begin", "arrive", "hear")
PHASES = ("decide_all", "read_all", "begin_all", "arrive_all", "hear_all")
CUSTOMERS = ("start", "start", "cancel", "cancel", "extend", "rival")
FAILURES = ("lose", "die", "cut", "cut", "hear_webhook")
TIME = ("tick", "tick_far", "bank")
WHOLE = ("go_well",)
WITHOUT_CHOICE = {"decide", "intake", "die", "cut", *PHASES, *WHOLE}
HAPPENINGS = st.lists(
    st.tuples(
        st.one_of(*map(st.sampled_from, (ONE_BY_ONE, PHASES, PHASES, PHASES, CUSTOMERS, FAILURES, TIME, WHOLE))),
        st.integers(0, 5),
    ),
    min_size=10,
    max_size=60,
)


def play(behaviours: Sequence[Behaviour], happenings: Sequence[tuple[str, int]]) -> World:
    world = World(list(behaviours))
    for number in BOOKINGS:
        world.book(number)
    world.start(BOOKINGS[0])
    for what, which in happenings:
        number = BOOKINGS[which % len(BOOKINGS)]
        match what:
            case "start" | "extend" | "rival":
                getattr(world, what)(number)
            case "cancel":
                world.cancel(number, which)
            case "tick":
                world.tick(700)
            case "tick_far":
                world.tick(61_000)
            case _ if what in WITHOUT_CHOICE:
                getattr(world, what)()
            case _:
                getattr(world, what)(which)
        never_too_much(world)
    return world


def never_too_much(world: World) -> None:
    for intent in world.books.values():
        assert 0 <= intent.amount_refunded <= intent.amount_received <= intent.amount
    assert len(world.captures) == len(set(world.captures)), "captured twice"


@settings(max_examples=250, deadline=None)
@given(BEHAVIOURS, HAPPENINGS)
def test_no_interleaving_captures_what_is_not_confirmed_or_twice_or_refunds_too_much(
    behaviours: list[Behaviour], happenings: list[tuple[str, int]]
) -> None:
    # That a capture is of a booking that the worker confirmed by that payment is asserted where it arrives.
    play(behaviours, happenings)


@settings(max_examples=250, deadline=None)
@given(BEHAVIOURS, HAPPENINGS)
def test_at_rest_the_money_is_what_confirmed_bookings_cost_and_nothing_is_reserved(
    behaviours: list[Behaviour], happenings: list[tuple[str, int]]
) -> None:
    world = play(behaviours, happenings)
    world.settle()
    never_too_much(world)
    for number in BOOKINGS:
        booking = world.state.bookings.get(command_id("bk", number))
        if booking is None:
            continue
        owed = PRICE * len(booking.seat_ids) if booking.status is BookingStatus.CONFIRMED else 0
        assert world.net_minor(booking.booking_id) == owed, (booking, world.books)
        assert booking.status is not BookingStatus.PAYING
    assert {intent.status for intent in world.books.values()}.isdisjoint({AUTHORISED, intents.PROCESSING}), world.books
    assert all(payment.acknowledged for payment in world.payments.values() if payment.told is not None)


def test_the_world_can_go_well() -> None:
    world = play([Behaviour()], [])
    world.settle()
    paid = world.state.bookings[command_id("bk", BOOKINGS[0])]
    assert paid.status is BookingStatus.CONFIRMED
    assert world.net_minor(paid.booking_id) == 3 * PRICE


def paid_for(world: World) -> str:
    """Let the first booking be paid for, and return its id."""
    world.book(BOOKINGS[0])
    world.start(BOOKINGS[0])
    for _ in range(4):
        world.go_well()
    booking_id = command_id("bk", BOOKINGS[0])
    assert world.net_minor(booking_id) == 3 * PRICE
    return booking_id


def test_an_authorisation_whose_answer_was_lost_is_found_and_voided() -> None:
    world = World([])
    world.book(BOOKINGS[0])
    world.start(BOOKINGS[0])
    world.decide_all()
    world.read_all()
    world.begin_all()
    world.cut()
    world.cancel(BOOKINGS[0], 0)
    world.settle()
    assert [intent.status for intent in world.books.values()] == [intents.CANCELED]


def test_a_refund_whose_answer_was_lost_is_not_given_twice_when_more_is_given_back() -> None:
    world = World([])
    booking_id = paid_for(world)
    world.cancel(BOOKINGS[0], 1)
    world.decide_all()
    world.read_all()
    world.begin_all()
    world.cut()
    assert world.net_minor(booking_id) == 2 * PRICE
    world.log.append(cancel(2_000, BOOKINGS[0], "A1"))
    world.settle()
    assert world.net_minor(booking_id) == PRICE


def test_a_capture_whose_answer_was_lost_is_refunded_when_all_is_given_back() -> None:
    world = World([])
    world.book(BOOKINGS[0])
    world.start(BOOKINGS[0])
    while not world.captures:
        world.decide_all()
        world.read_all()
        world.begin_all()
        world.arrive_all()
        if not world.captures:
            world.hear_all()
    world.die()
    world.cancel(BOOKINGS[0], 0)
    world.settle()
    assert world.net_minor(command_id("bk", BOOKINGS[0])) == 0
    assert len(world.captures) == 1


def test_what_was_told_to_the_log_is_not_voided_before_it_is_decided() -> None:
    world = World([])
    world.book(BOOKINGS[0])
    world.start(BOOKINGS[0])
    for phase in (world.decide_all, world.read_all, world.begin_all, world.arrive_all, world.hear_all):
        phase()
    world.tick(62_000)  # expired, with the authorisation known here and not yet on the log
    world.begin_all()
    world.arrive_all()
    world.hear_all()
    world.read_all()
    world.begin_all()
    world.arrive_all()
    world.settle()
    booking_id = command_id("bk", BOOKINGS[0])
    assert world.state.bookings[booking_id].status is BookingStatus.CONFIRMED
    assert world.net_minor(booking_id) == 3 * PRICE
