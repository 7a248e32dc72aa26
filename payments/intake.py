"""The intake: what the ledger says of bookings becomes what this room knows of their payments.

``runtime.feed`` enters here with rows below the horizon, in its own transaction, which moves the cursor as well. So
nothing but PostgreSQL is touched here; what is to be done about it is the cashier's, once it is committed.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from contracts.ids import settlement_id
from contracts.outcomes import BookingStatus, Reason, Status
from payments import store
from payments.payment import Booking, Payment, recalled, refused, seen, superseded
from runtime.feed import Connection, Source

_STARTS: Final = """
    SELECT command_id, attempt, token, currency, seat_ids, prices FROM payment_starts WHERE command_id = ANY (%s)"""
_START: Final = "start_payment"


class BookingRow(NamedTuple):
    """A row of the feed about a booking that was made before; ``booking``: what became of it, if something did."""

    command_id: str | None
    booking_id: str
    kind: str
    status: str
    log_partition: int
    booking: dict[str, Any] | None


SOURCE: Final = Source(
    "outcomes",
    BookingRow._fields,
    BookingRow._make,
    wanted="booking_id IS NOT NULL AND kind <> 'offer' AND (booking IS NOT NULL OR kind = 'settle_payment')",
)
"""A booking's own request has no ``booking_id``: the many that are never paid cost a look each."""


class Intake:
    """``learned`` is called when there may be something to do."""

    def __init__(self, learned: Callable[[], None]) -> None:
        self._learned = learned

    async def __call__(self, connection: Connection, rows: Sequence[BookingRow]) -> None:
        """Take in what the rows say, in order."""
        starts = await _starts(connection, [row.command_id for row in rows if _starts_payment(row)])
        known = await store.of_bookings(connection, {row.booking_id for row in rows})
        now_ms = await store.now_ms(connection) if known else 0
        changed: dict[tuple[str, int], Payment] = {}
        for row in rows:
            payments = known.setdefault(row.booking_id, [])
            for n, payment in enumerate(payments):
                payments[n] = _taken_in(payment, row, now_ms)
                if payments[n] != payment:
                    changed[payment.booking_id, payment.attempt] = payments[n]
            if _starts_payment(row):
                started = _started(row, starts[row.command_id or ""])
                if any(payment.attempt == started.attempt for payment in payments):
                    continue  # read before: what became of it since is not to be forgotten
                await store.add(connection, started)
                for n, payment in enumerate(payments):
                    payments[n] = changed[payment.booking_id, payment.attempt] = superseded(payment, started.attempt)
                payments.append(started)
        for payment in changed.values():
            await store.write(connection, payment)
        self._learned()


def _taken_in(payment: Payment, row: BookingRow, now_ms: int) -> Payment:
    if row.command_id == settlement_id(payment.booking_id, payment.attempt, "authorised") and row.status == Status.DONE:
        payment = recalled(payment)  # first: a payment of a booking that ended before it was asked for loses its token
    if row.booking is not None:
        return seen(payment, _booking(row.booking), now_ms)
    ours = payment.told and row.command_id == settlement_id(payment.booking_id, payment.attempt, payment.told)
    return refused(payment) if ours and row.status != Status.DONE else payment


def _starts_payment(row: BookingRow) -> bool:
    return row.kind == _START and row.status == Status.DONE


async def _starts(connection: Connection, command_ids: Sequence[str | None]) -> dict[str, Sequence[Any]]:
    if not command_ids:
        return {}
    found = await (await connection.execute(_STARTS, (command_ids,))).fetchall()
    return {command_id: said for command_id, *said in found}


def _started(row: BookingRow, said: Sequence[Any]) -> Payment:
    attempt, token, currency, seat_ids, prices = said
    if row.booking is None:
        msg = f"{row.command_id} started a payment of no booking"
        raise ValueError(msg)
    return Payment(
        booking_id=row.booking_id,
        attempt=attempt,
        partition=row.log_partition,
        token=token if any(prices) else None,
        currency=currency,
        seat_ids=tuple(seat_ids),
        prices=tuple(prices),
        booking=_booking(row.booking),
    )


def _booking(said: dict[str, Any]) -> Booking:
    reason = Reason(said["reason"]) if said["reason"] is not None else None
    return Booking(BookingStatus(said["status"]), reason, tuple(said["seat_ids"]), said["version"])
