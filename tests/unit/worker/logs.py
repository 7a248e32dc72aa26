"""Logs made up by Hypothesis: commands for one small hall, in any order, with repetitions and nonsense."""

from typing import Any, Literal

from hypothesis import strategies as st

from contracts.commands import (
    AddSeats,
    BestSeats,
    BlockSeats,
    BookSeats,
    CancelBooking,
    CancelEvent,
    ChangeEvent,
    CheckIn,
    CloseSale,
    Command,
    CreateEvent,
    EventCommand,
    ExtendHold,
    OpenSale,
    PublishEvent,
    ReleaseSeats,
    Row,
    SettlePayment,
    StartPayment,
    SuspendSales,
    Tick,
)

EVENT = "concert"
SEATS = ("A1", "A2", "A3", "B1", "B2")
NOW_MS = 1_800_000_000_000
ORGANISER = "p_organiser"


def command_id(prefix: str, number: int) -> str:
    return f"{prefix}_{number:036d}"


def create(number: int = 1, hold_seconds: int = 0, **terms: object) -> CreateEvent:
    about: dict[str, Any] = terms
    return CreateEvent(
        **about,
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        event_id=EVENT,
        name="Concert",
        event_kind="concert",
        venue="Hall",
        time_zone="UTC",
        date="2027-05-01T19:00:00Z",
        hold_seconds=hold_seconds,
    )


def add(
    number: int = 2,
    block: int = 0,
    seat_ids: tuple[str, ...] = SEATS,
    price_minor: int | None = 1_500,
    currency: str | None = "EUR",
    by: str = "",
) -> AddSeats:
    return AddSeats(
        by=by,
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        event_id=EVENT,
        block=block,
        section="stalls",
        rows=(Row(row="A", seat_ids=seat_ids),),
        price_minor=price_minor,
        currency=currency,
    )


def publish(number: int = 3, blocks: int = 1, by: str = "") -> PublishEvent:
    return PublishEvent(command_id=command_id("cm", number), issued_at_ms=NOW_MS, event_id=EVENT, blocks=blocks, by=by)


def _asked(number: int, by: str) -> dict[str, Any]:
    return {"command_id": command_id("cm", number), "issued_at_ms": NOW_MS, "event_id": EVENT, "by": by}


def change(number: int, by: str = ORGANISER, **changes: object) -> ChangeEvent:
    return ChangeEvent(**{**_asked(number, by), **changes})


def open_sale(number: int, by: str = ORGANISER) -> OpenSale:
    return OpenSale(**_asked(number, by))


def close_sale(number: int, by: str = ORGANISER) -> CloseSale:
    return CloseSale(**_asked(number, by))


def suspend(number: int) -> SuspendSales:
    return SuspendSales(command_id=command_id("cm", number), issued_at_ms=NOW_MS, event_id=EVENT, keyed=True)


def call_off(number: int, by: str = ORGANISER) -> CancelEvent:
    return CancelEvent(**_asked(number, by))


def block(number: int, *seat_ids: str, purpose: Literal["kill", "house"] = "house", by: str = ORGANISER) -> BlockSeats:
    return BlockSeats(**_asked(number, by), seat_ids=seat_ids, purpose=purpose)


def release(number: int, *seat_ids: str, by: str = ORGANISER) -> ReleaseSeats:
    return ReleaseSeats(**_asked(number, by), seat_ids=seat_ids)


def book(
    number: int, *seat_ids: str, issued_at_ms: int = NOW_MS, principal: str = "p_somebody", offer: bool = False
) -> BookSeats:
    return BookSeats(
        command_id=command_id("bk", number),
        issued_at_ms=issued_at_ms,
        event_id=EVENT,
        seat_ids=seat_ids,
        principal=principal,
        offer=offer,
    )


def take(number: int, booking: int, principal: str = "p_somebody") -> BookSeats:
    """Take what the booking of this number was offered."""
    return BookSeats(
        command_id=command_id("bk", number),
        issued_at_ms=NOW_MS,
        event_id=EVENT,
        principal=principal,
        offer_id=command_id("of", booking),
    )


def best(number: int, count: int, section: str | None = None) -> BookSeats:
    return BookSeats(
        command_id=command_id("bk", number),
        issued_at_ms=NOW_MS,
        event_id=EVENT,
        principal="p_somebody",
        best=BestSeats(count=count, section=section),
    )


def cancel(number: int, booking: int, *seat_ids: str, issued_at_ms: int = NOW_MS) -> CancelBooking:
    return CancelBooking(
        command_id=command_id("cm", number),
        issued_at_ms=issued_at_ms,
        booking_id=command_id("bk", booking),
        seat_ids=seat_ids,
    )


def extend(number: int, booking: int) -> ExtendHold:
    return ExtendHold(command_id=command_id("cm", number), issued_at_ms=NOW_MS, booking_id=command_id("bk", booking))


def start(number: int, booking: int) -> StartPayment:
    return StartPayment(
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        booking_id=command_id("bk", booking),
        payment_token="tok_success",  # noqa: S106 - of the test provider
    )


def settle(number: int, booking: int, *, attempt: int = 1, authorised: bool = True) -> SettlePayment:
    return SettlePayment(
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        booking_id=command_id("bk", booking),
        attempt=attempt,
        result="authorised" if authorised else "declined",
    )


def check_in(
    number: int, booking: int, seat_id: str, *, by: str = ORGANISER, operator: bool = False, event_id: str = EVENT
) -> CheckIn:
    return CheckIn(
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        booking_id=command_id("bk", booking),
        event_id=event_id,
        seat_id=seat_id,
        gate="north",
        principal=by,
        operator=operator,
    )


def on_sale(hold_seconds: int = 0) -> list[EventCommand]:
    """A hall of ``SEATS``, announced and published."""
    return [create(hold_seconds=hold_seconds), add(), publish()]


def organised(**terms: object) -> list[EventCommand]:
    """A hall of two blocks that has an organiser, announced and published."""
    about: dict[str, Any] = {"by": ORGANISER, **terms}
    return [
        create(**about),
        add(2, 0, SEATS[:3], by=ORGANISER),
        add(4, 1, SEATS[3:], by=ORGANISER),
        publish(blocks=2, by=ORGANISER),
    ]


def _bookings() -> st.SearchStrategy[BookSeats]:
    seats = st.lists(st.sampled_from((*SEATS, "Z9")), min_size=1, max_size=3, unique=True)
    return st.builds(lambda number, wanted: book(number, *wanted), st.integers(10, 40), seats)


def _announcements() -> st.SearchStrategy[EventCommand]:
    return st.one_of(
        st.builds(create, st.integers(50, 52)),
        st.builds(
            add, st.integers(53, 55), st.integers(0, 1), st.sampled_from([("C1", "C2"), ("A1", "C3"), ("C4", "C4")])
        ),
        st.builds(publish, st.integers(56, 58), st.integers(1, 3)),
    )


def histories() -> st.SearchStrategy[list[EventCommand]]:
    """Logs: usually a hall on sale first, then anything."""
    first = st.sampled_from([on_sale(), on_sale(), on_sale()[:2], []])
    rest = st.lists(st.one_of(_bookings(), _bookings(), _bookings(), _announcements()), max_size=30)
    return st.builds(lambda one, two: [*one, *two], first, rest)


def _about_bookings() -> st.SearchStrategy[Command]:
    numbers, bookings = st.integers(60, 99), st.integers(10, 16)
    some_seats = st.lists(st.sampled_from(SEATS), max_size=2, unique=True)
    return st.one_of(
        st.builds(lambda number, booking, seats: cancel(number, booking, *seats), numbers, bookings, some_seats),
        st.builds(extend, numbers, bookings),
        st.builds(start, numbers, bookings),
        st.builds(
            lambda number, booking, attempt, authorised: settle(
                number, booking, attempt=attempt, authorised=authorised
            ),
            numbers,
            bookings,
            st.integers(1, 2),
            st.booleans(),
        ),
        st.builds(
            lambda number, booking, seat_id, operator: check_in(number, booking, seat_id, operator=operator),
            numbers,
            bookings,
            st.sampled_from(SEATS),
            st.booleans(),
        ),
    )


def _organising() -> st.SearchStrategy[EventCommand]:
    """Return what an organiser, or somebody who is none, asks of the event."""
    numbers, by = st.integers(100, 130), st.sampled_from([ORGANISER, ORGANISER, ORGANISER, "p_other"])
    seats = st.lists(st.sampled_from(SEATS), min_size=1, max_size=3, unique=True)
    times = st.none() | st.integers(0, 40).map(lambda message: NOW_MS + 300 * message)
    return st.one_of(
        st.builds(
            lambda number, who, hold_seconds, limit, at: change(
                number,
                who,
                hold_seconds=hold_seconds,
                max_seats_per_user=limit,
                off_sale_at_ms=at,
                name=f"No. {number}",
            ),
            numbers,
            by,
            st.none() | st.integers(0, 2),
            st.none() | st.integers(1, 4),
            times,
        ),
        st.builds(open_sale, numbers, by),
        st.builds(open_sale, numbers, by),
        st.builds(close_sale, numbers, by),
        st.builds(suspend, numbers),
        st.builds(call_off, numbers, st.sampled_from([ORGANISER, "p_other", "p_other"])),
        st.builds(
            lambda number, who, purpose, some: block(number, *some, purpose=purpose, by=who),
            numbers,
            by,
            st.sampled_from(["kill", "house"]),
            seats,
        ),
        st.builds(lambda number, who, some: release(number, *some, by=who), numbers, by, seats),
    )


def seasons() -> st.SearchStrategy[list[Command | Tick]]:
    """Logs of an event with an organiser: limited or not, on sale for some time, changed, closed, called off."""
    terms = st.fixed_dictionaries(
        {
            "hold_seconds": st.sampled_from([0, 0, 1, 2]),
            "max_seats_per_user": st.sampled_from([None, 1, 2, 3]),
            "on_sale_at_ms": st.sampled_from([None, None, None, NOW_MS + 2_000]),
        }
    )
    people = st.sampled_from(["p_one", "p_two"])
    seats = st.lists(st.sampled_from(SEATS), min_size=1, max_size=3, unique=True)
    bookings = st.builds(
        lambda number, wanted, who, offer: book(number, *wanted, principal=who, offer=offer),
        st.integers(10, 24),
        seats,
        people,
        st.booleans(),
    )
    choices = st.builds(best, st.integers(10, 24), st.integers(1, 3))
    taken = st.builds(take, st.integers(10, 24), st.integers(10, 16), people)
    # Many more bookings than calls-off, or most seasons would be over before they began.
    some = st.one_of(bookings, bookings, bookings, choices, taken, _about_bookings(), _organising(), st.just(Tick()))
    rest = st.lists(some, max_size=45)
    return st.builds(lambda said, commands: [*organised(**said), *commands], terms, rest)


def lives() -> st.SearchStrategy[list[Command | Tick]]:
    """Logs of a hall whose bookings are held for a short while or not, with everything that becomes of them."""
    seats = st.lists(st.sampled_from(SEATS), min_size=1, max_size=3, unique=True)
    bookings = st.builds(
        lambda number, wanted, offer: book(number, *wanted, offer=offer), st.integers(10, 16), seats, st.booleans()
    )
    taken = st.builds(take, st.integers(10, 16), st.integers(10, 16))
    choices = st.builds(best, st.integers(10, 16), st.integers(1, 3), st.sampled_from([None, None, "stalls", "circle"]))
    rest = st.lists(st.one_of(bookings, bookings, choices, taken, _about_bookings(), st.just(Tick())), max_size=40)
    return st.builds(lambda hold_seconds, some: [*on_sale(hold_seconds), *some], st.sampled_from([0, 1, 2, 2]), rest)
