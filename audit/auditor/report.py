"""The report: what ``GET /api/audit`` tells. The auditor makes it, ``audit.health`` passes it on to the gateway.

It is public, so that anybody may see whether the books are in order; what it says of a violation names the event and
the seat, and a booking by an id that is cut (``violations.public``): whoever holds a whole one may look at the booking,
and give a guest's back. Whole ids are in the auditor's log.
"""

from typing import Final, Literal

from pydantic import BaseModel

from audit.auditor.violations import Violation, public


class FullProof(BaseModel):
    """A round through everything in which nothing was broken. ``position``: the feed's when it began."""

    at: str
    seconds: float
    position: str
    messages: int
    rows: int


class Proved(BaseModel):
    """How far the log is proved; ``behind``: messages that are decided and not yet proved."""

    position: str
    messages: int
    behind: int


class Sweeping(BaseModel):
    """The round under way. ``progress``: of 1, by the size of the round before; 0 in the first."""

    round: int
    progress: float
    rows: int
    section: str


class Broken(BaseModel):
    """One violation and its evidence."""

    what: str
    event_id: str
    booking_id: str
    seat_id: str
    log_says: str
    ledger_says: str
    view_says: str


class Report(BaseModel):
    """What the auditor knows now.

    ``status``: ``first_proof`` while everything is proved for the first time since it started, or since log or ledger
    became another one; ``watching``; ``broken``; ``waiting`` for a store; ``away``: the auditor does not answer.
    ``violations``: how many are known; ``broken``: the first of them. Ages in seconds. ``unproved_events``: those that
    rest on a log that is gone.
    """

    status: Literal["first_proof", "watching", "broken", "waiting", "away"]
    as_of: str
    violations: int
    broken: list[Broken]
    last_full_proof: FullProof | None
    proved_to: Proved
    sweep: Sweeping
    oldest_undecided_s: float
    oldest_unprojected_s: float
    unproved_events: int
    waiting_for: str | None
    stops_sales: bool


NOT_ASKED: Final = Report(
    status="away",
    as_of="1970-01-01T00:00:00Z",
    violations=0,
    broken=[],
    last_full_proof=None,
    proved_to=Proved(position="0-0", messages=0, behind=0),
    sweep=Sweeping(round=0, progress=0.0, rows=0, section=""),
    oldest_undecided_s=0.0,
    oldest_unprojected_s=0.0,
    unproved_events=0,
    waiting_for=None,
    stops_sales=False,
)
"""Before anybody has asked the auditor."""

TOLD: Final = 20
"""Violations that are told; how many there are is told as well."""


def broken(violation: Violation) -> Broken:
    """Return a violation as the public may see it."""
    return Broken(
        what=violation.what,
        event_id=violation.event_id,
        booking_id=public(violation.booking_id),
        seat_id=violation.seat_id,
        log_says=public(violation.log_says),
        ledger_says=public(violation.ledger_says),
        view_says=public(violation.view_says),
    )
