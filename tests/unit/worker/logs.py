"""Logs made up by Hypothesis: commands for one small hall, in any order, with repetitions and nonsense."""

from hypothesis import strategies as st

from contracts.commands import (
    AddSeats,
    BestSeats,
    BookSeats,
    CancelBooking,
    Command,
    CreateEvent,
    EventCommand,
    ExtendHold,
    PublishEvent,
    Row,
    SettlePayment,
    StartPayment,
    Tick,
)

EVENT = "concert"
SEATS = ("A1", "A2", "A3", "B1", "B2")
NOW_MS = 1_800_000_000_000


def command_id(prefix: str, number: int) -> str:
    return f"{prefix}_{number:036d}"


def create(number: int = 1, hold_seconds: int = 0) -> CreateEvent:
    return CreateEvent(
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
) -> AddSeats:
    return AddSeats(
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        event_id=EVENT,
        block=block,
        section="stalls",
        rows=(Row(row="A", seat_ids=seat_ids),),
        price_minor=price_minor,
        currency=currency,
    )


def publish(number: int = 3, blocks: int = 1) -> PublishEvent:
    return PublishEvent(command_id=command_id("cm", number), issued_at_ms=NOW_MS, event_id=EVENT, blocks=blocks)


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


def on_sale(hold_seconds: int = 0) -> list[EventCommand]:
    """A hall of ``SEATS``, announced and published."""
    return [create(hold_seconds=hold_seconds), add(), publish()]


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
    )


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
