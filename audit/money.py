"""Money: what the provider has taken and given back, held against what confirmed bookings cost. Pure.

``invariants`` enters here with the payments of the ledger's snapshot, in which our records and the test provider's
books lie side by side. Of another provider only our own records are known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from audit.findings import Findings, Invariant
from contracts.outcomes import BookingStatus

UNDER_WAY_MS: Final = 90_000
"""How long something may be under way once its booking does not pay any more: some calls, made again while the provider
is away. What takes longer is stuck."""

AUTHORISED: Final = "requires_capture"
PROCESSING: Final = "processing"


class Paid(NamedTuple):
    """One attempt to pay, in minor units. ``prices`` by seat; ``booking_version``: what of the booking is known here;
    ``quiet_ms``: for how long nothing has changed about it; ``has_more_to_do``: whether a step is due."""  # noqa: D205, D209

    booking_id: str
    attempt: int
    prices: Mapping[str, int]
    booking_version: int
    quiet_ms: int
    has_more_to_do: bool
    intent_id: str | None
    captured_minor: int
    refunded_minor: int
    status: str | None


class Intent(NamedTuple):
    """One intent in the provider's books."""

    intent_id: str
    booking_id: str
    attempt: int
    status: str
    captured_minor: int
    refunded_minor: int


class Standing(NamedTuple):
    """Where a booking stands in the ledger; ``attempt``: how many payments were started."""

    status: BookingStatus
    attempt: int
    seat_ids: Sequence[str]
    version: int


@dataclass(frozen=True, slots=True)
class Money:
    """``standing``: of every booking that a payment was started for; ``started``: which payments the ledger started;
    ``intents``: the provider's books, None where they cannot be read; ``behind_ms``: for how long the ledger has said
    something of bookings that payments have not taken in."""  # noqa: D205, D209 - one sentence of shapes

    standing: Mapping[str, Standing]
    started: Sequence[tuple[str, int]]
    paid: Sequence[Paid]
    intents: Mapping[str, Intent] | None
    behind_ms: int = 0


NONE: Final = Money({}, (), (), None)


def compare(money: Money, findings: Findings) -> None:
    """Complain of every payment whose money is not what its seats cost."""
    for paid in money.paid:
        findings.checked[Invariant.MONEY] += 1
        for sentence in _wrong(paid, money):
            _complain(findings, paid.booking_id, paid.attempt, sentence)
    known = {(paid.booking_id, paid.attempt) for paid in money.paid}
    if money.behind_ms > UNDER_WAY_MS:
        findings.complain(Invariant.MONEY, f"payments are {money.behind_ms / 1000:.0f} s behind the ledger")
    elif not money.behind_ms:
        for booking_id, attempt in money.started:
            if (booking_id, attempt) not in known:
                _complain(findings, booking_id, attempt, "was started, but nobody carries it out")
    for intent in (money.intents or {}).values():
        if (intent.booking_id, intent.attempt) not in known:
            _complain(findings, intent.booking_id, intent.attempt, f"is {intent.intent_id} of the provider alone")


def _wrong(paid: Paid, money: Money) -> Iterable[str]:
    standing = money.standing.get(paid.booking_id)
    if standing is None:
        yield "is for a booking that the ledger does not have"
        return
    intent = _intent_of(paid, money)
    if intent is None:
        yield f"is {paid.intent_id}, which the provider does not have"
        return
    ours = standing.attempt == paid.attempt
    amount = sum(paid.prices.values())
    if intent.captured_minor not in (0, amount):
        yield f"costs {amount}, and {intent.captured_minor} was captured"
    if intent.captured_minor and not (ours and standing.status in {BookingStatus.CONFIRMED, BookingStatus.CANCELLED}):
        yield f"was captured, but its booking is {standing.status} and was never confirmed by it"
    if standing.status is BookingStatus.PAYING or paid.booking_version < standing.version:
        return  # the ledger bounds the one, ``behind_ms`` the other
    if paid.has_more_to_do:
        if paid.quiet_ms > UNDER_WAY_MS:
            yield f"has been under way for {paid.quiet_ms / 1000:.0f} s"
        return
    seats = standing.seat_ids if ours and standing.status is BookingStatus.CONFIRMED else ()
    owed = sum(paid.prices.get(seat_id, 0) for seat_id in seats)
    net = intent.captured_minor - intent.refunded_minor
    if net != owed:
        yield f"is at rest with {net} taken, and its seats cost {owed}"
    if intent.status in {AUTHORISED, PROCESSING}:
        yield f"is at rest and still {intent.status} at the provider"


def _intent_of(paid: Paid, money: Money) -> Intent | None:
    """Return the provider's word, or ours where nothing was asked or the provider's cannot be read."""
    if paid.intent_id is None or money.intents is None:
        said = paid.intent_id or "", paid.booking_id, paid.attempt, paid.status or ""
        return Intent(*said, paid.captured_minor, paid.refunded_minor)
    return money.intents.get(paid.intent_id)


def _complain(findings: Findings, booking_id: str, attempt: int, sentence: str) -> None:
    findings.complain(Invariant.MONEY, f"payment {attempt} of {booking_id} {sentence}")
