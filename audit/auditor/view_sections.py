"""The view's sections: events with their blocks and layouts, bookings and commands. ``sweep`` enters here.

The ledger is read first, in one snapshot with the feed's last row; then the view's watermark is waited for until it has
passed that row; only then the documents are read. So they show all that the snapshot has: an older one is stale, and
one of the same version must say the same. A newer one is no complaint: then the ledger is asked again, and must have
what was shown; what changes so fast that they never meet is looked at in another round.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from audit.auditor.follower import NotReachedError
from audit.auditor.reading import read, readable, typed
from audit.auditor.sections import MOST_ROWS, Look, Piece, Section, World, cut, named
from audit.auditor.violations import Violation
from audit.history import LedgerBlock, LedgerEvent, ShownBooking, ShownCommand
from audit.load_ledger import BLOCK_COLUMNS, EVENT_COLUMNS, block_of, event_of, outcome_of
from audit.load_view import booking_of as booking_in
from audit.load_view import command_of as command_in
from audit.showing import booking_of, command_of, event_differences, layout_of
from contracts import views
from contracts.seat_status import WORDS
from contracts.views import LayoutView, block_key

TRIES: Final = 3
"""How often the ledger is asked again for what the view shows in a newer version."""

# The sums of events that are compared themselves alone: a large one has many sections, all seats of which it is.
_EVENTS: Final = f"""
    SELECT t.seats, t.available, t.versions, (SELECT count(*) FROM blocks AS b WHERE b.event_id = e.event_id),
        {EVENT_COLUMNS}
    FROM events AS e CROSS JOIN LATERAL (
        SELECT count(*), count(*) FILTER (WHERE status = 'a'), coalesce(sum(version), 0)::bigint
        FROM seats WHERE event_id = e.event_id AND e.event_id = ANY (%s)
    ) AS t (seats, available, versions)
    WHERE event_id = ANY (%s)"""  # noqa: S608 - made of our own words alone
_BLOCKS: Final = f"""
    SELECT s.status, s.versions, {BLOCK_COLUMNS}
    FROM unnest(%s::text[], %s::int[]) AS w (event_id, block) JOIN blocks USING (event_id, block)
    CROSS JOIN LATERAL (
        SELECT string_agg(status::text, '' ORDER BY position), coalesce(sum(version), 0)::bigint
        FROM seats WHERE event_id = w.event_id AND block = w.block
    ) AS s (status, versions)"""  # noqa: S608 - made of our own words alone
_BY_ID: Final = """
    SELECT o.command_id, o.kind, o.event_id, o.principal, o.status, o.reason, o.seat_ids, o.conflicts, NULL,
           o.log_partition, o.log_offset, extract(epoch FROM o.requested_at)::float8 * 1000,
           extract(epoch FROM coalesce(l.decided_at, o.decided_at))::float8 * 1000, o.rules_version, o.booking_id,
           coalesce(l.booking, o.booking), NULL
    FROM outcomes AS o LEFT JOIN LATERAL (
        SELECT booking, decided_at FROM outcomes WHERE booking_id = o.command_id AND booking IS NOT NULL
        ORDER BY (booking ->> 'version')::bigint DESC LIMIT 1
    ) AS l ON true
    WHERE o.command_id > %s AND o.command_id <= %s ORDER BY o.command_id LIMIT %s"""
_BOOKING: Final = "book_seats"
_DRAFT: Final = "draft"
_COLLECTIONS: Final = (views.EVENTS, views.LAYOUTS, views.BLOCKS, views.BOOKINGS, views.COMMANDS)
_HIDDEN: Final = frozenset({"principal", "organiser"})
"""Who people are is nobody's business, also where two stores do not agree about it."""


@dataclass(slots=True)
class _Tries:
    """What the last try has seen: ``newer``, by document, is the version that the ledger must have at the next one."""

    found: list[Violation] = field(default_factory=list)
    rows: int = 0
    before: Mapping[str, int] = field(default_factory=dict)
    newer: dict[str, int] = field(default_factory=dict)
    rest: Section | None = None

    def is_newer(self, key: str, shown: int, ledger: int) -> bool:
        """Whether a document is newer than the snapshot, as it may be once; noted for the next try."""
        if shown <= ledger or ledger < self.before.get(key, 0):
            return False
        self.newer[key] = shown
        return True


def _look(world: World, compare: Callable[[World, _Tries], None]) -> Look:
    rows = 0
    before: Mapping[str, int] = {}
    for _try in range(TRIES):
        tries = _Tries(before=before)
        compare(world, tries)
        rows += tries.rows
        if not tries.newer:
            return Look(tries.found, rows, tries.rest)
        before = tries.newer
    if tries.found:
        return Look(tries.found, rows, tries.rest)
    raise NotReachedError


@dataclass(frozen=True, slots=True)
class ShownTextsSection:
    """The ids of all documents, each of which must be a text: the ranges of texts have no others in them."""

    key: str = "the ids of the view"

    def look(self, world: World) -> Look:
        """See that there is none of another type, as a hand leaves it that gives no id at all."""
        ends = {name: world.view.ends(name) for name in _COLLECTIONS}
        wrong = [name for name, ids in ends.items() if not all(isinstance(some_id, str) for some_id in ids)]
        return Look([Violation(f"a document of {name} has an id that is no text") for name in wrong], 2 * len(ends))


@dataclass(frozen=True, slots=True)
class ShownHallsSection:
    """Events and blocks as they are shown, and layouts."""

    pieces: tuple[Piece, ...]

    @property
    def key(self) -> str:
        """Its name."""
        return f"events {named(self.pieces)}, as they are shown"

    def look(self, world: World) -> Look:
        """Hold their documents against the ledger."""
        return _look(world, self._compare)

    def _compare(self, world: World, tries: _Tries) -> None:
        ids = sorted({piece.event_id for piece in self.pieces})
        whole = [piece.event_id for piece in self.pieces if piece.block is None]
        places = [(piece.event_id, piece.block) for piece in self.pieces if piece.block is not None]
        with world.ledger.snapshot():
            events = {row[4]: row for row in world.ledger.rows(_EVENTS, whole, ids)}
            blocks = (
                {(row[2], row[3]): row for row in world.ledger.rows(_BLOCKS, *map(list, zip(*places, strict=True)))}
                if places
                else {}
            )
            last = world.ledger.last()
        world.view.wait_until_shown(last, world.ledger, world.follower)
        keys = [block_key(*place) for place in places]
        shown_events = world.view.some(views.EVENTS, ids)
        shown_blocks = world.view.some(views.BLOCKS, keys)
        layouts = world.view.some(views.LAYOUTS, keys)
        for event_id, block in self.pieces:
            row = events.get(event_id)
            event = event_of(row[4:]) if row is not None else None
            if block is None:
                found = _event(event, row[:4] if row else (), shown_events.get(event_id), event_id, tries)
                tries.found += readable(found, "its document", event_id)
            elif event is not None and event.status != _DRAFT and (event_id, block) in blocks:
                status, versions, *about = blocks[event_id, block]
                key = block_key(event_id, block)
                of_ledger = block_of(tuple(about))
                tries.found += readable(_layout(of_ledger, layouts.get(key)), f"the layout of block {block}", event_id)
                found = _block(of_ledger, status or "", versions + 1, shown_blocks.get(key), tries)
                tries.found += readable(found, f"block {block}", event_id)
        # Statuses are summed up by PostgreSQL, ten of which cost as much as a row that is sent.
        tries.rows = len(ids) + 2 * len(places) + sum(row[0] for row in events.values()) // 10


def _event(
    event: LedgerEvent | None, sums: tuple[int, ...], shown: dict[str, Any] | None, event_id: str, tries: _Tries
) -> Iterator[Violation]:
    typed(shown or {})
    if event is None or event.status == _DRAFT:
        # Published since, perhaps: the ledger must say so at the next try.
        if shown is not None and not tries.is_newer(event_id, shown["version"], event.version if event else 0):
            yield Violation("it is shown and not announced", event_id, view_says=str(shown.get("status")))
        return
    seats, available, versions, blocks = sums
    version = event.version + versions + blocks
    if shown is None:
        yield Violation("it is announced and not shown", event_id)
        return
    if tries.is_newer(event_id, shown["version"], version):
        return
    if wrong := event_differences(event, seats, available, version, shown):
        ledger, view = ("; ".join(f"{name} {_told(name, said[n])}" for name, *said in wrong) for n in (0, 1))
        yield Violation("it is shown as it is not", event_id, ledger_says=ledger, view_says=view)


def _layout(block: LedgerBlock, shown: dict[str, Any] | None) -> Iterator[Violation]:
    if shown is None:
        yield Violation(f"block {block.block} has no layout in the view", block.event_id)
    elif layout_of(cast("LayoutView", shown)) != block:
        yield Violation(f"the layout of block {block.block} is another one in the view", block.event_id)


def _block(
    block: LedgerBlock, status: str, version: int, shown: dict[str, Any] | None, tries: _Tries
) -> Iterator[Violation]:
    event_id = block.event_id
    if shown is None:
        yield Violation(f"block {block.block} is not in the view", event_id)
        return
    typed(shown)
    if tries.is_newer(block_key(event_id, block.block), shown["version"], version):
        return
    if (shown["version"], shown["section"], len(shown["status"])) != (version, block.section, len(status)):
        yield Violation(
            f"block {block.block} is shown as it is not",
            event_id,
            ledger_says=f"{block.section}, {len(status)} seats, version {version}",
            view_says=f"{shown['section']}, {len(shown['status'])} seats, version {shown['version']}",
        )
        return
    seat_ids = (seat_id for _row, seats in block.rows for seat_id in seats)
    for seat_id, is_, should in zip(seat_ids, shown["status"], status, strict=True):
        if is_ != should:
            ledger, view = (WORDS.get(word, word) for word in (should, is_))
            what = "the seat is shown as it is not"
            yield Violation(what, event_id, seat_id=seat_id, ledger_says=ledger, view_says=view)


@dataclass(frozen=True, slots=True)
class ShownIdsSection:
    """Bookings and commands, those with ``after`` < id ≤ ``to``."""

    after: str
    to: str

    @property
    def key(self) -> str:
        """Its name."""
        return f"bookings and commands behind {self.after or 'the beginning'}, as they are shown"

    def look(self, world: World) -> Look:
        """Hold every document against the ledger's outcomes, and the other way round."""
        return _look(world, self._compare)

    def _compare(self, world: World, tries: _Tries) -> None:
        most = MOST_ROWS + 1
        with world.ledger.snapshot():
            outcomes = list(map(outcome_of, world.ledger.rows(_BY_ID, self.after, self.to, most)))
            last = world.ledger.last()
        world.view.wait_until_shown(last, world.ledger, world.follower)
        bookings, commands = (
            world.view.range(name, self.after, self.to, most) for name in (views.BOOKINGS, views.COMMANDS)
        )
        tries.rows = len(outcomes) + len(bookings) + len(commands)
        to = min(
            cut([outcome.command_id for outcome in outcomes], self.to),
            *(cut([document["_id"] for document in some], self.to) for some in (bookings, commands)),
        )
        tries.rest = ShownIdsSection(to, self.to) if to < self.to else None
        outcomes = [outcome for outcome in outcomes if outcome.command_id <= to]
        made = read((one for one in bookings if one["_id"] <= to), booking_in)
        also = read((one for one in commands if one["_id"] <= to), command_in)
        shown: dict[str, ShownBooking | ShownCommand] = {**made[0], **also[0]}
        damaged = made[1] | also[1]
        events = {outcome.command_id: outcome.event_id for outcome in outcomes}
        for some_id, why in damaged.items():
            tries.found.append(
                Violation("its document cannot be read", events.get(some_id, ""), some_id, view_says=why)
            )
        for outcome in outcomes:
            if outcome.command_id in damaged:
                continue
            should = booking_of(outcome) if outcome.kind == _BOOKING else command_of(outcome)
            is_ = shown.pop(outcome.command_id, None)
            if is_ == should:
                continue
            if is_ is None or type(is_) is not type(should):
                what = "it is decided and not shown"
                tries.found.append(_violation(what, outcome.event_id, should, {}))
            elif not (
                isinstance(is_, ShownBooking)
                and isinstance(should, ShownBooking)
                and tries.is_newer(is_.booking_id, is_.version, should.version)
            ):
                tries.found.append(_violation("it is shown as it is not", outcome.event_id, should, is_._asdict()))
        for one in shown.values():
            # Decided since, perhaps: the ledger must have it at the next try.
            if tries.is_newer(one[0], 1, 0):
                continue
            event_id = one.event_id if isinstance(one, ShownBooking) else ""
            tries.found.append(Violation("it is shown and was never decided", event_id, one[0], view_says=one.status))


def _violation(what: str, event_id: str, should: ShownBooking | ShownCommand, is_: Mapping[str, object]) -> Violation:
    wrong = [name for name, value in should._asdict().items() if is_ and is_[name] != value]
    seats = should.seat_ids if isinstance(should, ShownBooking) else ()
    ledger = "; ".join(f"{name} {_told(name, getattr(should, name))}" for name in wrong) or should.status
    view = "; ".join(f"{name} {_told(name, is_[name])}" for name in wrong) or "nothing"
    return Violation(what, event_id, should[0], seats[0] if seats else "", ledger_says=ledger, view_says=view)


def _told(name: str, value: object) -> str:
    return "…" if name in _HIDDEN else repr(value)
