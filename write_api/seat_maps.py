"""Seat maps: sections as organisers give them become the bounded blocks that go on the log. Pure.

``organising`` enters here with JSON, ``seat_files`` with CSV. No command may stall a partition, so a section is cut
between rows into blocks of at most ``MAX_SEATS_PER_BLOCK`` seats. Everything that is wrong is found, each with the
place where it is: a field, and later its line.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, NamedTuple

from contracts.event_commands import MAX_BLOCKS_PER_EVENT, MAX_SEATS_PER_BLOCK, PricedSeats, Row
from contracts.organising import SectionRequest

_NUMBERED: Final = re.compile(r"(.*?)[-_.~]?(\d+)")
_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")
MAX_LABEL: Final = 16


class Wrong(NamedTuple):
    """Something that is wrong, and where: the path of a field, or a line."""

    where: tuple[str | int, ...]
    message: str


@dataclass(slots=True)
class PlannedSection:
    """A section, row by row. ``own``: category and price of seats that differ from the section's."""

    section: str
    where: tuple[str | int, ...] = ()
    rows: list[tuple[str, list[str]]] = field(default_factory=list)
    price_minor: int | None = None
    currency: str | None = None
    category: str | None = None
    general_admission: bool = False
    accessible: set[str] = field(default_factory=set)
    own: dict[str, tuple[str, int]] = field(default_factory=dict)


class Block(NamedTuple):
    """One block as ``AddSeats`` has it."""

    section: str
    rows: tuple[Row, ...]
    price_minor: int | None
    currency: str | None
    category: str | None
    general_admission: bool
    accessible: tuple[str, ...]
    priced: tuple[PricedSeats, ...]


def planned(sections: Sequence[SectionRequest]) -> tuple[list[PlannedSection], list[Wrong]]:
    """Return the sections of a request with all their seats, and what is wrong with them."""
    wrong: list[Wrong] = []
    plans = [_planned(asked, ("sections", number), wrong) for number, asked in enumerate(sections)]
    return plans, wrong + contradictions(plans)


def contradictions(plans: Sequence[PlannedSection]) -> list[Wrong]:
    """Return what is wrong with the sections together: seats and names given twice, too many, several currencies."""
    wrong: list[Wrong] = []
    seen: set[str] = set()
    names: set[str] = set()
    for plan in plans:
        if plan.section in names:
            wrong.append(Wrong((*plan.where, "section"), f"there is a section {plan.section} already"))
        names.add(plan.section)
        for _label, seat_ids in plan.rows:
            twice = [seat_id for seat_id in seat_ids if seat_id in seen or seen.add(seat_id)]  # type: ignore[func-returns-value]  # adds it in passing
            wrong += [Wrong(plan.where, f"names the seat {seat_id} twice") for seat_id in twice[:10]]
    currencies = {plan.currency for plan in plans if plan.currency is not None}
    if len(currencies) > 1:
        wrong.append(Wrong(("sections",), f"an event has one currency, not {', '.join(sorted(currencies))}"))
    blocks = blocks_in(plans)
    if blocks > MAX_BLOCKS_PER_EVENT:
        message = f"makes {blocks} blocks of up to {MAX_SEATS_PER_BLOCK} seats, of at most {MAX_BLOCKS_PER_EVENT}"
        wrong.append(Wrong(("sections",), message))
    return wrong


def blocks_in(plans: Iterable[PlannedSection]) -> int:
    """Return how many blocks a seat map makes."""
    return sum(1 for plan in plans for _rows in _cut(plan.rows))


def seats_in(plans: Iterable[PlannedSection]) -> int:
    """Return how many seats a seat map has."""
    return sum(len(seat_ids) for plan in plans for _label, seat_ids in plan.rows)


def blocks_of(plans: Iterable[PlannedSection]) -> Iterator[Block]:
    """Yield the blocks of a seat map in order; they are made as they are taken."""
    for plan in plans:
        for rows in _cut(plan.rows):
            seats = [seat_id for _label, seat_ids in rows for seat_id in seat_ids]
            yield Block(
                plan.section,
                tuple(Row.model_construct(row=label, seat_ids=tuple(seat_ids)) for label, seat_ids in rows),
                plan.price_minor,
                plan.currency,
                plan.category,
                plan.general_admission,
                tuple(seat_id for seat_id in seats if seat_id in plan.accessible),
                _priced(plan, seats),
            )


def _planned(asked: SectionRequest, where: tuple[str | int, ...], wrong: list[Wrong]) -> PlannedSection:
    plan = PlannedSection(
        asked.section,
        where,
        price_minor=asked.price_minor,
        currency=asked.currency,
        category=asked.category,
        general_admission=asked.places is not None,
        accessible=set(asked.accessible),
    )
    if asked.rows is not None:
        for number, row in enumerate(asked.rows):
            seat_ids = row.seats or [f"{asked.prefix}{row.row}{row.first + n}" for n in range(row.count or 0)]
            if row.seats is None and not _NAME.fullmatch(seat_ids[-1]):
                message = f"makes the seat id {seat_ids[-1]!r}, which is none"
                wrong.append(Wrong((*where, "rows", number, "row"), message))
            plan.rows.append((row.row, seat_ids))
    elif asked.seat_ids is not None:
        plan.rows = by_row(asked.seat_ids)
    else:
        ids = [f"{asked.section[:50]}~{n + 1}" for n in range(asked.places or 0)]
        plan.rows = [
            ("", ids[first : first + MAX_SEATS_PER_BLOCK]) for first in range(0, len(ids), MAX_SEATS_PER_BLOCK)
        ]
    _categories(asked, plan, wrong)
    return plan


def _categories(asked: SectionRequest, plan: PlannedSection, wrong: list[Wrong]) -> None:
    """Note what costs something else; a seat of two categories, or of none of this section, is wrong."""
    if not asked.categories and not asked.accessible:
        return
    rows = dict(plan.rows)
    seats = {seat_id for _label, seat_ids in plan.rows for seat_id in seat_ids}
    for number, some in enumerate(asked.categories):
        where = (*plan.where, "categories", number)
        for place, label in enumerate(some.rows):
            if label not in rows:
                wrong.append(Wrong((*where, "rows", place), f"there is no row {label} in the section"))
        named = [*some.seats, *(seat_id for label in some.rows for seat_id in rows.get(label, ()))]
        for place, seat_id in enumerate(named):
            field = ("seats", place) if place < len(some.seats) else ("rows",)
            if seat_id not in seats:
                wrong.append(Wrong((*where, *field), f"there is no seat {seat_id} in the section"))
            elif seat_id in plan.own:
                wrong.append(Wrong((*where, *field), f"the seat {seat_id} has a category already"))
            else:
                plan.own[seat_id] = some.category, some.price_minor
    for place, seat_id in enumerate(asked.accessible):
        if seat_id not in seats:
            wrong.append(Wrong((*plan.where, "accessible", place), f"there is no seat {seat_id} in the section"))


def by_row(seat_ids: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return seats that are only listed as rows: what stands before its number is a seat's row."""
    rows = []
    for label, group in groupby(seat_ids, _row_of):
        seats = list(group)
        rows += [(label, seats[n : n + MAX_SEATS_PER_BLOCK]) for n in range(0, len(seats), MAX_SEATS_PER_BLOCK)]
    return rows


def _row_of(seat_id: str) -> str:
    found = _NUMBERED.fullmatch(seat_id)
    return found[1][:MAX_LABEL] if found else ""


def _cut(rows: Sequence[tuple[str, list[str]]]) -> Iterator[list[tuple[str, list[str]]]]:
    """Yield the rows in blocks; a row is never cut, and has no more seats than a block."""
    block: list[tuple[str, list[str]]] = []
    seats = 0
    for row in rows:
        if block and seats + len(row[1]) > MAX_SEATS_PER_BLOCK:
            yield block
            block, seats = [], 0
        block.append(row)
        seats += len(row[1])
    if block:
        yield block


def _priced(plan: PlannedSection, seats: Sequence[str]) -> tuple[PricedSeats, ...]:
    if not plan.own:
        return ()
    kinds: dict[tuple[str, int], list[str]] = {}
    for seat_id in seats:
        if (own := plan.own.get(seat_id)) is not None:
            kinds.setdefault(own, []).append(seat_id)
    return tuple(
        PricedSeats(category=category, price_minor=price_minor, seat_ids=tuple(seat_ids))
        for (category, price_minor), seat_ids in kinds.items()
    )
