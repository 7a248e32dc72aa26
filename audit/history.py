"""A history: what the log, the ledger and the view hold, in the shapes in which the invariants want them.

Data only. ``load_log``, ``load_ledger`` and ``load_view`` fill it from the stores, unit tests by hand. Whatever grows
with the number of bookings is an ``Iterable`` in a stated order that may be walked again, so that no walk needs more
memory than the seats and the ids.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from audit import money
from audit.money import Money
from audit.telling import Telling
from contracts.outcomes import BookingState, Offer, PaymentStart, SeatChange, SeatCheckIn
from contracts.views import BlockView, EventView, LayoutView, SalesView

Headers = Sequence[tuple[str, str | bytes | None]]


class Message(NamedTuple):
    """One message of the log. ``log_time_ms``: the broker's own stamp."""

    partition: int
    offset: int
    log_time_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class LedgerOutcome(NamedTuple):
    """One row of the feed; times in ms since the epoch. What a tick did has no ``command_id``: it is empty."""

    command_id: str
    kind: str
    event_id: str
    principal: str | None
    status: str
    reason: str | None
    seat_ids: tuple[str, ...]
    conflicts: tuple[str, ...]
    changes: tuple[SeatChange, ...]
    log_partition: int
    log_offset: int
    requested_at_ms: int
    decided_at_ms: int
    rules_version: int
    booking_id: str | None = None
    booking: BookingState | None = None
    payment: PaymentStart | None = None


class DecidedTo(NamedTuple):
    """How far the ledger says a partition is decided; ``log_time_ms`` is the running maximum of the stamps."""

    next_offset: int
    log_time_ms: int


class LedgerEvent(NamedTuple):
    """One row of ``events``; ``date`` as RFC 3339 UTC with ``Z``, and ``departure`` and ``arrival``.

    ``local_date``: as clocks at the venue show it. ``clearing``: there are bookings left of a cancelled event.
    """

    event_id: str
    name: str
    kind: str
    venue: str
    time_zone: str
    date: str
    status: str
    log_partition: int
    version: int
    hold_seconds: int = 0
    organiser: str = ""
    description: str = ""
    place: str | None = None
    max_seats_per_user: int | None = None
    on_sale_at_ms: int | None = None
    off_sale_at_ms: int | None = None
    production_id: str | None = None
    production_name: str | None = None
    origin: str | None = None
    destination: str | None = None
    departure: str | None = None
    arrival: str | None = None
    clearing: bool = False


class SeatCount(NamedTuple):
    """One row of ``seat_counts``."""

    event_id: str
    principal: str
    seats: int


class LedgerBlock(NamedTuple):
    """One row of ``blocks``; ``rows`` are label and seat ids in order, ``priced`` category, price and seat ids."""

    event_id: str
    block: int
    section: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    price_minor: int | None
    currency: str | None
    accessible: tuple[str, ...] = ()
    general_admission: bool = False
    category: str | None = None
    priced: tuple[tuple[str, int, tuple[str, ...]], ...] = ()


class LedgerSeat(NamedTuple):
    """One row of ``seats``."""

    event_id: str
    block: int
    position: int
    seat_id: str
    status: str
    booking_id: str | None
    version: int


class LedgerBooking(NamedTuple):
    """One row of ``bookings``, as the view shows it."""

    booking_id: str
    event_id: str
    state: BookingState


class Account(NamedTuple):
    """What an account is called, None once it is erased; ``version``: its last change."""

    principal: str
    user_id: str | None
    version: int


class ShownBooking(NamedTuple):
    """One document of ``bookings``; times in ms since the epoch."""

    booking_id: str
    event_id: str
    principal: str | None
    seat_ids: tuple[str, ...]
    status: str
    reason: str | None
    conflicts: tuple[str, ...]
    requested_at_ms: int
    decided_at_ms: int
    expires_at_ms: int | None = None
    version: int = 1
    offer: Offer | None = None
    check_ins: tuple[SeatCheckIn, ...] = ()


class ShownCommand(NamedTuple):
    """One document of ``commands``."""

    command_id: str
    kind: str
    target: str
    status: str
    reason: str | None
    seat_id: str | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """The log. ``messages``: partition to its messages in offset order, at least up to what the ledger decided.

    ``first``: the oldest offset that is still kept; ``end``: the offset up to which everything must be decided.
    """

    messages: Mapping[int, Iterable[Message]]
    first: Mapping[int, int]
    end: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger, in one snapshot. ``outcomes``: by partition, offset and as they were written; ``former``: those of
    logs that are no more, as they were written; ``outcomes_by_id``: those of commands of all logs by command id, a
    booking's with its latest state; ``seats``: by event, block and position;
    ``not_shown_ms``: partition to the log's time of its first outcome behind the cursor that the view's watermark
    had."""  # noqa: D205, D209 - one sentence of orders

    incarnation: str
    decided_to: Mapping[int, DecidedTo]
    outcomes: Iterable[LedgerOutcome]
    outcomes_by_id: Iterable[LedgerOutcome]
    dead_letters: frozenset[tuple[int, int]]
    events: Sequence[LedgerEvent]
    blocks: Iterable[LedgerBlock]
    seats: Iterable[LedgerSeat]
    bookings: Iterable[LedgerBooking] = ()
    seat_counts: Iterable[SeatCount] = ()
    not_shown_ms: Mapping[int, int] = field(default_factory=dict)
    former: Iterable[LedgerOutcome] = ()
    tellings: Iterable[Telling] = ()
    accounts: Iterable[Account] = ()


def _still() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class View:
    """The view. ``bookings`` and ``commands`` are in order of id.

    ``moved`` says whether it may have gone on since the ledger's snapshot; it is asked when the two differ.
    ``people``: by principal; ``sales``: by event; ``people_moved``: whether accounts have changed since that snapshot.
    ``shown_to_ms`` is what the watermark told before that snapshot: partition to the log's time up to which everything
    is shown.
    """

    incarnation: str
    events: Mapping[str, EventView]
    layouts: Mapping[str, LayoutView]
    blocks: Mapping[str, BlockView]
    bookings: Iterable[ShownBooking]
    commands: Iterable[ShownCommand]
    moved: Callable[[], bool] = _still
    shown_to_ms: Mapping[int, int] = field(default_factory=dict)
    people: Mapping[str, Account] = field(default_factory=dict)
    sales: Mapping[str, SalesView] = field(default_factory=dict)
    people_moved: Callable[[], bool] = _still


@dataclass(frozen=True, slots=True)
class History:
    """Everything that is proved. ``accepted``: booking ids that clients were given in a 202."""

    log: Log
    ledger: Ledger
    view: View
    accepted: frozenset[str] = field(default_factory=frozenset)
    money: Money = money.NONE
