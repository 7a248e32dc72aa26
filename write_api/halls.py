"""Halls: an event's plan in a few words becomes the bounded commands that announce it. Pure: no clock, no dice.

``seed`` enters here. No command may stall a partition, so a section is cut between rows into blocks of at most
``MAX_SEATS_PER_BLOCK`` seats.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.commands import (
    MAX_BLOCKS_PER_EVENT,
    MAX_HOLD_SECONDS,
    MAX_SEATS_PER_BLOCK,
    AddSeats,
    CreateEvent,
    EventCommand,
    PublishEvent,
    Row,
    Text,
)
from contracts.wire import Id

IssueId = Callable[[str], tuple[str, int]]
"""Takes an event id; returns a new command id and its issue time in milliseconds."""


class SectionPlan(BaseModel):
    """``rows`` rows, A, B, … Z, AA, …, of ``seats_per_row`` seats; seat ids are ``prefix``, row, number: ``S-A1``.

    ``general_admission``: as many places without numbers; their ids, which nobody sees, are ``floor~17``.
    ``accessible_rows``: labels of rows that are for whoever asks for accessible seats.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: Id
    prefix: Annotated[str, Field(max_length=16)] = ""
    rows: Annotated[int, Field(ge=1, le=MAX_SEATS_PER_BLOCK)]
    seats_per_row: Annotated[int, Field(ge=1, le=MAX_SEATS_PER_BLOCK)]
    price_minor: Annotated[int | None, Field(ge=0)] = None
    currency: str | None = None
    general_admission: bool = False
    accessible_rows: tuple[str, ...] = ()

    def blocks(self) -> Iterator[tuple[Row, ...]]:
        """Return the section's rows, cut into blocks."""
        rows_per_block = MAX_SEATS_PER_BLOCK // self.seats_per_row
        for first in range(0, self.rows, rows_per_block):
            yield tuple(self._row(row) for row in range(first, min(first + rows_per_block, self.rows)))

    def accessible(self, rows: tuple[Row, ...]) -> tuple[str, ...]:
        """Return the accessible seats among ``rows``."""
        return tuple(seat_id for row in rows if row.row in self.accessible_rows for seat_id in row.seat_ids)

    def _row(self, index: int) -> Row:
        label = row_label(index)
        if self.general_admission:
            first = index * self.seats_per_row + 1
            return Row(row="", seat_ids=tuple(f"{self.section}~{first + n}" for n in range(self.seats_per_row)))
        seats = tuple(f"{self.prefix}{label}{number}" for number in range(1, self.seats_per_row + 1))
        return Row(row=label, seat_ids=seats)


class EventPlan(BaseModel):
    """One event, as ``seed_events.json`` has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: Id
    name: Text
    kind: Id
    venue: Text
    time_zone: Text
    date: str
    hold_seconds: Annotated[int, Field(ge=0, le=MAX_HOLD_SECONDS)] = 0
    sections: Annotated[tuple[SectionPlan, ...], Field(min_length=1)]

    @property
    def seats_total(self) -> int:
        """How many seats the event has."""
        return sum(section.rows * section.seats_per_row for section in self.sections)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        blocks = sum(1 for section in self.sections for _ in section.blocks())
        if blocks > MAX_BLOCKS_PER_EVENT:
            msg = f"{blocks} blocks are more than an event may have ({MAX_BLOCKS_PER_EVENT})"
            raise ValueError(msg)
        if len({section.prefix for section in self.sections}) < len(self.sections):
            msg = "sections of one event need different prefixes, or two seats would have one id"
            raise ValueError(msg)
        return self


def commands(plan: EventPlan, issue: IssueId) -> Iterator[EventCommand]:
    """Return the commands that announce an event, in the order in which the log must have them."""
    command_id, issued_at_ms = issue(plan.event_id)
    yield CreateEvent(
        command_id=command_id,
        event_id=plan.event_id,
        issued_at_ms=issued_at_ms,
        name=plan.name,
        event_kind=plan.kind,
        venue=plan.venue,
        time_zone=plan.time_zone,
        date=plan.date,
        hold_seconds=plan.hold_seconds,
    )
    blocks = [(section, rows) for section in plan.sections for rows in section.blocks()]
    for block, (section, rows) in enumerate(blocks):
        command_id, issued_at_ms = issue(plan.event_id)
        yield AddSeats(
            command_id=command_id,
            event_id=plan.event_id,
            issued_at_ms=issued_at_ms,
            block=block,
            section=section.section,
            rows=rows,
            price_minor=section.price_minor,
            currency=section.currency,
            accessible=section.accessible(rows),
            general_admission=section.general_admission,
        )
    command_id, issued_at_ms = issue(plan.event_id)
    yield PublishEvent(command_id=command_id, event_id=plan.event_id, issued_at_ms=issued_at_ms, blocks=len(blocks))


def load_hall(event_id: str, *, sections: int, rows: int, seats_per_row: int, hold_seconds: int = 0) -> EventPlan:
    """Return the plan of an event of a given size, for load and tests."""
    return EventPlan(
        event_id=event_id,
        name=f"Event {event_id}",
        kind="load",
        venue="Test Hall",
        time_zone="UTC",
        date="2027-12-31T20:00:00Z",
        hold_seconds=hold_seconds,
        sections=tuple(
            SectionPlan(
                section=f"section-{number}",
                prefix=f"{number}-" if sections > 1 else "",
                rows=rows,
                seats_per_row=seats_per_row,
            )
            for number in range(1, sections + 1)
        ),
    )


def row_label(index: int) -> str:
    """Return the label of the row at ``index`` from 0: A to Z, then AA, AB, and so on."""
    label = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        label = chr(ord("A") + letter) + label
    return label
