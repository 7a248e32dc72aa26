"""Reads the payments, and the test provider's books, within the ledger's snapshot, as a role that may only read."""

from typing import Any, Final

import psycopg

from audit.money import Intent, Money, Paid, Standing
from contracts.outcomes import BookingStatus

_STANDING: Final = """
    SELECT booking_id, status, attempt, seat_ids, version FROM bookings
    WHERE booking_id IN (SELECT booking_id FROM payment_starts UNION SELECT booking_id FROM payments.payments)"""
_STARTED: Final = "SELECT booking_id, attempt FROM payment_starts"
_BEHIND: Final = """
    SELECT coalesce((extract(epoch FROM now() - min(o.decided_at)) * 1000)::bigint, 0)
    FROM outcomes AS o, payments.feed_cursor AS c
    WHERE (o.tx, o.id) > (c.tx, c.id) AND o.booking_id IS NOT NULL AND o.kind <> 'offer'"""
_PAID: Final = """
    SELECT booking_id, attempt, seat_ids, prices, booking_version,
        (extract(epoch FROM now() - changed_at) * 1000)::bigint, due_at IS NOT NULL, intent_id, captured_minor,
        refunded_minor, status
    FROM payments.payments ORDER BY booking_id, attempt"""
_INTENTS: Final = """
    SELECT id, metadata ->> 'booking_id', (metadata ->> 'attempt')::int, status, amount_received, amount_refunded
    FROM test_provider.intents"""
_UNDER_WAY: Final = """
    SELECT EXISTS (
        SELECT FROM payments.payments
        WHERE (due_at IS NOT NULL OR booking_status = 'paying') AND status IS DISTINCT FROM 'processing'
    ) OR EXISTS (
        SELECT FROM outcomes AS o, payments.feed_cursor AS c
        WHERE (o.tx, o.id) > (c.tx, c.id) AND o.booking_id IS NOT NULL AND o.kind <> 'offer')"""


def load(connection: psycopg.Connection[tuple[Any, ...]], *, test_provider: bool) -> Money:
    """Return everything about money. ``test_provider``: whether its books are the provider's."""
    standing = {
        booking_id: Standing(BookingStatus(status), attempt, seat_ids, version)
        for booking_id, status, attempt, seat_ids, version in connection.execute(_STANDING)
    }
    started = [(booking_id, attempt) for booking_id, attempt in connection.execute(_STARTED)]
    ((behind_ms,),) = connection.execute(_BEHIND).fetchall()
    paid = [_paid(*row) for row in connection.execute(_PAID)]
    books = (Intent(*row) for row in connection.execute(_INTENTS)) if test_provider else None
    known = {intent.intent_id: intent for intent in books} if books is not None else None
    return Money(standing, started, paid, known, behind_ms)


def is_under_way(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    """Whether something is to be done about any payment."""
    row = connection.execute(_UNDER_WAY).fetchone()
    return bool(row and row[0])


def _paid(booking_id: str, attempt: int, seat_ids: list[str], prices: list[int], *rest: Any) -> Paid:  # noqa: ANN401 - a row
    return Paid(booking_id, attempt, dict(zip(seat_ids, prices, strict=True)), *rest)
