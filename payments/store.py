"""The store: the payments in PostgreSQL, in the tables of this room's own role.

Every change is read, made and written in one transaction with its row locked: the feed, a webhook and the cashier may
all learn something of one payment at once, and none undoes another (test:
``test_what_two_learn_at_once_is_both_kept``). PostgreSQL away raises what ``runtime.postgres`` says.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple

from contracts.outcomes import BookingStatus, Reason
from payments.payment import Booking, Payment
from payments.provider import IntentStatus
from payments.steps import Rest, Step, before, next_step
from runtime.postgres import Connection, Postgres

FIRST_RETRY_MS: Final = 200
LONGEST_RETRY_MS: Final = 5_000
"""Pause before a step that failed is made again, doubled each time up to the longest: a provider that is back is
noticed well within the 60 s that a booking is paying."""

_FIXED: Final = ("booking_id", "attempt", "log_partition", "currency", "seat_ids", "prices")
_CHANGING: Final = (
    "token",
    "booking_status",
    "booking_reason",
    "booking_seat_ids",
    "booking_version",
    "superseded",
    "ended_at_ms",
    "asked",
    "known_in_time",
    "heard_at_ms",
    "intent_id",
    "status",
    "captured_minor",
    "refunded_minor",
    "refund_asked_minor",
    "told",
    "acknowledged",
    "refused",
)
_COLUMNS: Final = _FIXED + _CHANGING
_AS_THEY_ARE: Final = frozenset(_COLUMNS) & {field.name for field in fields(Payment)} - {"seat_ids", "prices", "status"}
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM payments.payments"  # noqa: S608 - our own names, as those below
_OF_BOOKINGS: Final = f"{_SELECT} WHERE booking_id = ANY (%s) ORDER BY booking_id, attempt FOR UPDATE"
_ONE: Final = f"{_SELECT} WHERE booking_id = %s AND attempt = %s FOR UPDATE"
_INSERT: Final = f"""
    INSERT INTO payments.payments ({", ".join(_COLUMNS)}, due_at)
    VALUES ({", ".join(f"%({name})s" for name in _COLUMNS)}, now()) ON CONFLICT DO NOTHING"""  # noqa: S608
_UPDATE: Final = f"""
    UPDATE payments.payments SET {", ".join(f"{name} = %({name})s" for name in _CHANGING)},
        failures = 0, due_at = now(), changed_at = now()
    WHERE booking_id = %(booking_id)s AND attempt = %(attempt)s"""  # noqa: S608
_REST: Final = """
    UPDATE payments.payments SET due_at = 'epoch'::timestamptz + %s::bigint * '1 ms'::interval, failures = 0
    WHERE booking_id = %s AND attempt = %s"""
_RETRY: Final = """
    UPDATE payments.payments SET failures = failures + 1,
        due_at = now() + least(%s * 2 ^ least(failures, 20), %s) * '1 ms'::interval
    WHERE booking_id = %s AND attempt = %s"""
_DUE: Final = """
    SELECT booking_id, attempt FROM payments.payments WHERE due_at <= now() ORDER BY due_at LIMIT %s"""
_NOW: Final = "SELECT (extract(epoch FROM now()) * 1000)::bigint"


class Key(NamedTuple):
    """Which payment."""

    booking_id: str
    attempt: int


class Store:
    """What is kept of payments. Time is PostgreSQL's, by which they are due: a process whose clock is ahead would put
    the next step of a payment off for as long (test: ``test_a_clock_that_is_ahead_puts_no_payment_off``)."""  # noqa: D205, D209 - one sentence

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def due(self, most: int) -> list[Key]:
        """Return payments about which something is to be done now, the longest waiting first."""

        async def work(connection: Connection) -> list[Key]:
            cursor = await connection.execute(_DUE, (most,))
            return [Key(*row) for row in await cursor.fetchall()]

        return await self._postgres.run(work)

    async def begin_step(self, key: Key) -> tuple[Payment, Step]:
        """Return what is to be done about a payment, once it is on record that it will be; at rest it is not due."""

        async def work(connection: Connection) -> tuple[Payment, Step]:
            payment = await _locked(connection, key)
            if payment is None:
                msg = f"there is no payment {key}"
                raise LookupError(msg)
            step = next_step(payment, await now_ms(connection))
            on_record = before(payment, step)
            if on_record != payment:
                await write(connection, on_record)
            if isinstance(step, Rest):
                await connection.execute(_REST, (step.until_ms, *key))
            return on_record, step

        return await self._postgres.run(work)

    async def learn(self, key: Key, change: Callable[[Payment, int], Payment]) -> bool:
        """Make what was learned true of a payment, at a time in ms; returns whether there is one."""

        async def work(connection: Connection) -> bool:
            payment = await _locked(connection, key)
            if payment is not None and (changed := change(payment, await now_ms(connection))) != payment:
                await write(connection, changed)
            return payment is not None

        return await self._postgres.run(work)

    async def retry(self, key: Key) -> None:
        """Let a step that failed be made again after a pause."""

        async def work(connection: Connection) -> None:
            await connection.execute(_RETRY, (FIRST_RETRY_MS, LONGEST_RETRY_MS, *key))

        await self._postgres.run(work)


async def now_ms(connection: Connection) -> int:
    """Return the time of this transaction, in ms since the epoch."""
    ((moment,),) = await (await connection.execute(_NOW)).fetchall()
    return int(moment)


async def of_bookings(connection: Connection, booking_ids: Iterable[str]) -> dict[str, list[Payment]]:
    """Return the payments of these bookings, in order of attempt, and lock them."""
    cursor = await connection.execute(_OF_BOOKINGS, (list(booking_ids),))
    found: dict[str, list[Payment]] = {}
    for row in await cursor.fetchall():
        payment = _payment(row)
        found.setdefault(payment.booking_id, []).append(payment)
    return found


async def add(connection: Connection, payment: Payment) -> None:
    """Keep a new payment, unless it is there."""
    await connection.execute(_INSERT, _row(payment))


async def write(connection: Connection, payment: Payment) -> None:
    """Keep what became of a payment; it is due then."""
    await connection.execute(_UPDATE, _row(payment))


async def _locked(connection: Connection, key: Key) -> Payment | None:
    row = await (await connection.execute(_ONE, key)).fetchone()
    return _payment(row) if row is not None else None


def _row(payment: Payment) -> dict[str, Any]:
    booking = payment.booking
    return {
        **{name: getattr(payment, name) for name in _COLUMNS if name in _AS_THEY_ARE},
        "log_partition": payment.partition,
        "seat_ids": list(payment.seat_ids),
        "prices": list(payment.prices),
        "booking_status": booking.status.value,
        "booking_reason": booking.reason.value if booking.reason is not None else None,
        "booking_seat_ids": list(booking.seat_ids),
        "booking_version": booking.version,
        "status": payment.status.value if payment.status is not None else None,
    }


def _payment(row: Sequence[Any]) -> Payment:
    said = dict(zip(_COLUMNS, row, strict=True))
    reason, status = said["booking_reason"], said["status"]
    booking = Booking(
        BookingStatus(said["booking_status"]),
        Reason(reason) if reason is not None else None,
        tuple(said["booking_seat_ids"]),
        said["booking_version"],
    )
    return Payment(
        **{name: value for name, value in said.items() if name in _AS_THEY_ARE},
        partition=said["log_partition"],
        seat_ids=tuple(said["seat_ids"]),
        prices=tuple(said["prices"]),
        booking=booking,
        status=IntentStatus(status) if status is not None else None,
    )
