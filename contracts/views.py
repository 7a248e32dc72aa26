"""Views: the documents of MongoDB, written by ``sync_service`` alone and read by ``read_api`` and ``audit``.

Nothing is ever decided from a view. Every document's ``version`` only grows, and comes from the ledger: a block's is
the sum of its seats' versions, an event's its own version plus its blocks', so that a rebuilt view is equal to the
old one. Times are RFC 3339 UTC strings with ``Z``.
"""

from typing import Final, NotRequired, TypedDict

from contracts.ids import ACCOUNT_PREFIX

EVENTS: Final = "events"
LAYOUTS: Final = "layouts"
BLOCKS: Final = "blocks"
BOOKINGS: Final = "bookings"
COMMANDS: Final = "commands"
SALES: Final = "sales"
PEOPLE: Final = "people"
OWNED: Final = {"principal": {"$gte": ACCOUNT_PREFIX, "$lt": ACCOUNT_PREFIX[:-1] + chr(ord(ACCOUNT_PREFIX[-1]) + 1)}}
"""Bookings of accounts, which alone are listed: the filter of their index, so that a guest's booking costs no entry in
it (test: ``test_a_list_of_bookings_is_read_by_its_index_and_guests_are_not_in_it``)."""
WATERMARK: Final = "watermark"

WATERMARK_ID: Final = "watermark"


class EventView(TypedDict):
    """``_id`` is the event id. ``partition``: the log partition whose watermark dates this event's view.

    ``local_date``: the date as clocks at the venue show it, with its offset; ``local_day``: its first ten characters.
    ``organiser``: the principal whose event it is, which is shown to nobody. ``words`` and what ends in ``_key`` are
    what it is found by (``contracts.catalogue``). A document from before there were organisers has none of all these.
    """

    _id: str
    event_id: str
    name: str
    kind: str
    venue: str
    time_zone: str
    date: str
    seats_total: int
    seats_available: int
    partition: int
    version: int
    status: NotRequired[str]
    organiser: NotRequired[str]
    description: NotRequired[str]
    place: NotRequired[str | None]
    hold_seconds: NotRequired[int]
    max_seats_per_user: NotRequired[int | None]
    on_sale_at: NotRequired[str | None]
    off_sale_at: NotRequired[str | None]
    production_id: NotRequired[str | None]
    production_name: NotRequired[str | None]
    origin: NotRequired[str | None]
    destination: NotRequired[str | None]
    departure: NotRequired[str | None]
    arrival: NotRequired[str | None]
    local_date: NotRequired[str]
    local_day: NotRequired[str]
    words: NotRequired[list[str]]
    place_key: NotRequired[str | None]
    origin_key: NotRequired[str | None]
    destination_key: NotRequired[str | None]


class PricedView(TypedDict):
    """Seats of a block that are of another category than the rest of it."""

    category: str
    price_minor: int
    seat_ids: list[str]


class LayoutRow(TypedDict):
    """A row's label and its seats in order."""

    row: str
    seat_ids: list[str]


class LayoutView(TypedDict):
    """Immutable geometry of one block. ``_id`` is ``<event_id>:<block>``; seat order is rows in order, flattened.

    ``general_admission``: its places are counted and not listed. ``category`` and ``price_minor`` are those of all
    seats that are not ``priced`` by themselves. A layout written before there were such has no such fields, nor
    ``accessible``.
    """

    _id: str
    event_id: str
    block: int
    section: str
    rows: list[LayoutRow]
    price_minor: int | None
    currency: str | None
    accessible: NotRequired[list[str]]
    general_admission: NotRequired[bool]
    category: NotRequired[str | None]
    priced: NotRequired[list[PricedView]]


class BlockView(TypedDict):
    """``_id`` is ``<event_id>:<block>``; ``status``: a character of ``contracts.seat_status`` a seat, in map order."""

    _id: str
    event_id: str
    block: int
    section: str
    status: str
    version: int


class OfferView(TypedDict):
    """What a refused booking was offered."""

    offer_id: str
    seat_ids: list[str]
    expires_at: str


class CheckInView(TypedDict):
    """Who came in with a seat, let in ``by`` which principal. ``checked_in_at``: on the log's time."""

    seat_id: str
    checked_in_at: str
    by: str
    gate: str | None


class BookingView(TypedDict):
    """``_id`` is the booking id; the fields are those of the wire, without ``user_id``. ``decided_at``: its version.

    ``position``: the ledger position of the outcome that it shows (``contracts.positions``).
    """

    _id: str
    event_id: str
    principal: str | None
    seat_ids: list[str]
    status: str
    reason: str | None
    conflicts: list[str]
    requested_at: str
    decided_at: str
    expires_at: str | None
    version: int
    position: str
    offer: NotRequired[OfferView]
    check_ins: NotRequired[list[CheckInView]]


class BookingChange(TypedDict):
    """What a later version of a booking has in place of the earlier one's."""

    _id: str
    seat_ids: list[str]
    status: str
    reason: str | None
    decided_at: str
    expires_at: str | None
    version: int
    position: str
    check_ins: NotRequired[list[CheckInView]]


class CommandView(TypedDict):
    """``_id``: the command id; ``target`` names what it acted on: an event or a booking. ``seat_id``: a check-in's."""

    _id: str
    kind: str
    target: str
    status: str
    reason: str | None
    seat_id: NotRequired[str]


class CategoryView(TypedDict):
    """How many seats of a category of one price are what; ``blocked``: kept back by the organiser, in either way."""

    category: str | None
    price_minor: int | None
    currency: str | None
    available: int
    held: int
    booked: int
    blocked: int


class SalesView(TypedDict):
    """How an event sells. ``_id`` is the event id.

    ``categories`` are in order of their first seats. ``sold`` maps a minute (since the epoch, as text) to how many
    seats became booked in it, the latest ``sync_service.sales.MAX_MINUTES`` of those that have any; ``sold_earlier``:
    in all before. ``refused`` maps a reason to how many requests were refused for it. ``counted`` is how many rows of
    the feed are in these three, ``position`` that of the last of them. ``since``: the log's time of the first, where
    earlier ones were not counted.
    """

    _id: str
    event_id: str
    categories: list[CategoryView]
    sold: dict[str, int]
    sold_earlier: int
    refused: dict[str, int]
    counted: int
    position: str
    since: str | None
    version: int


class PersonView(TypedDict):
    """``_id`` is an account's principal; ``user_id``: its name, None once it is erased. Guests' names nobody keeps.

    For organisers and operators alone. ``version``: the id of the change in the ledger.
    """

    _id: str
    user_id: str | None
    version: int


class CursorView(TypedDict):
    """The ledger position up to which the view is complete. ``tx``: PostgreSQL's xid8, as text (it exceeds int64).

    ``outcome``: which outcome stood there, so that a ledger that was restored and has caught up is not taken for the
    one that was shown; None before the first, or where a former release left the cursor.
    """

    tx: str
    id: int
    outcome: NotRequired[str | None]


class WatermarkView(TypedDict):
    """The one document ``WATERMARK_ID``.

    ``partitions`` maps a partition number (as text) to the log's time in ms up to which everything on it is decided
    and in this view; ``projected_at_ms`` is the projector's clock at its last complete poll. ``people``: up to which
    change of an account names are shown.
    """

    _id: str
    incarnation: str
    cursor: CursorView
    partitions: dict[str, int]
    projected_at_ms: int
    people: NotRequired[CursorView]


def block_key(event_id: str, block: int) -> str:
    """Return the ``_id`` of a block or layout. Event ids hold no colon, so keys of two events never meet."""
    return f"{event_id}:{block}"
