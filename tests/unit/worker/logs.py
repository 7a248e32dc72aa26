"""Logs made up by Hypothesis: commands for one small hall, in any order, with repetitions and nonsense."""

from hypothesis import strategies as st

from contracts.commands import AddSeats, BookSeats, Command, CreateEvent, PublishEvent, Row

EVENT = "concert"
SEATS = ("A1", "A2", "A3", "B1", "B2")
NOW_MS = 1_800_000_000_000


def command_id(prefix: str, number: int) -> str:
    return f"{prefix}_{number:036d}"


def create(number: int = 1) -> CreateEvent:
    return CreateEvent(
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        event_id=EVENT,
        name="Concert",
        event_kind="concert",
        venue="Hall",
        time_zone="UTC",
        date="2027-05-01T19:00:00Z",
    )


def add(number: int = 2, block: int = 0, seat_ids: tuple[str, ...] = SEATS) -> AddSeats:
    return AddSeats(
        command_id=command_id("cm", number),
        issued_at_ms=NOW_MS,
        event_id=EVENT,
        block=block,
        section="stalls",
        rows=(Row(row="A", seat_ids=seat_ids),),
    )


def publish(number: int = 3, blocks: int = 1) -> PublishEvent:
    return PublishEvent(command_id=command_id("cm", number), issued_at_ms=NOW_MS, event_id=EVENT, blocks=blocks)


def book(number: int, *seat_ids: str, issued_at_ms: int = NOW_MS, principal: str = "p_somebody") -> BookSeats:
    return BookSeats(
        command_id=command_id("bk", number),
        issued_at_ms=issued_at_ms,
        event_id=EVENT,
        seat_ids=seat_ids,
        principal=principal,
    )


def on_sale() -> list[Command]:
    """A hall of ``SEATS``, announced and published."""
    return [create(), add(), publish()]


def _bookings() -> st.SearchStrategy[BookSeats]:
    seats = st.lists(st.sampled_from((*SEATS, "Z9")), min_size=1, max_size=3, unique=True)
    return st.builds(lambda number, wanted: book(number, *wanted), st.integers(10, 40), seats)


def _announcements() -> st.SearchStrategy[Command]:
    return st.one_of(
        st.builds(create, st.integers(50, 52)),
        st.builds(
            add, st.integers(53, 55), st.integers(0, 1), st.sampled_from([("C1", "C2"), ("A1", "C3"), ("C4", "C4")])
        ),
        st.builds(publish, st.integers(56, 58), st.integers(1, 3)),
    )


def histories() -> st.SearchStrategy[list[Command]]:
    """Logs: usually a hall on sale first, then anything."""
    first = st.sampled_from([on_sale(), on_sale(), on_sale()[:2], []])
    rest = st.lists(st.one_of(_bookings(), _bookings(), _bookings(), _announcements()), max_size=30)
    return st.builds(lambda one, two: [*one, *two], first, rest)
