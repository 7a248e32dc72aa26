"""What payments keep: the feed's word, the provider's and a webhook's, at once, again and by halves."""

import asyncio
import json
import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from contracts.outcomes import BookingStatus
from payments.intake import SOURCE, Intake
from payments.payment import Payment, heard
from payments.provider import Answer, IntentStatus
from payments.steps import ASK_AFTER_MS, Authorise, Rest
from payments.store import Key, Store, of_bookings
from runtime.feed import Follower
from runtime.postgres import Connection, Postgres
from tests.eventually import eventually_async
from tests.integration.payments.conftest import Sql

SEATS = ["A1", "A2"]
KEY = Key("bk_1", 1)


def say(sql: Sql, kind: str, status: str, version: int, *, attempt: int = 0, seats: list[str] = SEATS) -> None:
    """Write an outcome about the booking, as the worker does."""
    state = {"status": status, "reason": None, "seat_ids": seats, "expires_at_ms": None, "version": version}
    command_id = f"cm_{kind}_{version}"
    with sql.transaction():
        sql.execute(
            """INSERT INTO outcomes (command_id, kind, event_id, status, log_partition, log_offset, requested_at,
                decided_at, rules_version, booking_id, booking)
            VALUES (%s, %s, 'e', 'done', 3, %s, now(), now(), 1, 'bk_1', %s)""",
            (command_id, kind, version, json.dumps(state)),
        )
        if attempt:
            sql.execute(
                "INSERT INTO payment_starts VALUES (%s, 'bk_1', %s, 'sealed', 'EUR', %s, '{1500,900}')",
                (command_id, attempt, seats),
            )


async def payments(postgres: Postgres) -> list[Payment]:
    async def work(connection: Connection) -> list[Payment]:
        return (await of_bookings(connection, ["bk_1"])).get("bk_1", [])

    return await postgres.run(work)


@pytest.fixture
async def following(ledger: str) -> Any:  # noqa: ANN401 - a generator
    conninfo = make_conninfo(ledger, user="frontrow_payments")
    follower = Follower(conninfo, SOURCE, "payments.feed_cursor", Intake(lambda: None), name="test")
    running = asyncio.create_task(follower.run())
    yield
    follower.stop()
    await running


async def has(postgres: Postgres, *expected: tuple[BookingStatus, int, bool]) -> None:
    async def known() -> None:
        found = [(one.booking.status, one.booking.version, one.superseded) for one in await payments(postgres)]
        assert found == list(expected)

    await eventually_async(known)


def _learned(payment: Payment, now_ms: int, answer: Answer) -> Payment:
    return heard(payment, answer, now_ms)


@pytest.mark.usefixtures("following")
async def test_the_feed_makes_payments_and_tells_what_became_of_their_bookings(sql: Sql, postgres: Postgres) -> None:
    say(sql, "extend_hold", "held", 2)
    say(sql, "start_payment", "paying", 3, attempt=1)
    await has(postgres, (BookingStatus.PAYING, 3, False))
    (payment,) = await payments(postgres)
    assert (payment.partition, payment.token, payment.currency, payment.prices) == (3, "sealed", "EUR", (1_500, 900))
    say(sql, "settle_payment", "held", 4)
    say(sql, "start_payment", "paying", 5, attempt=2)
    await has(postgres, (BookingStatus.PAYING, 5, True), (BookingStatus.PAYING, 5, False))


@pytest.mark.usefixtures("following")
async def test_a_feed_that_is_read_again_from_its_beginning_changes_nothing(
    ledger: str, sql: Sql, postgres: Postgres, store: Store
) -> None:
    say(sql, "start_payment", "paying", 2, attempt=1)
    say(sql, "settle_payment", "confirmed", 3)
    await has(postgres, (BookingStatus.CONFIRMED, 3, False))
    answer = Answer("pi_1", IntentStatus.CAPTURED, 2_400)
    assert await store.learn(KEY, lambda payment, now_ms: heard(payment, answer, now_ms))
    before = await payments(postgres)
    sql.execute("UPDATE payments.feed_cursor SET tx = '0', id = 0")
    conninfo = make_conninfo(ledger, user="frontrow_payments")
    again = Follower(conninfo, SOURCE, "payments.feed_cursor", Intake(lambda: None), name="again")
    running = asyncio.create_task(again.run())

    async def read_to_the_end() -> None:
        rows = "SELECT (SELECT max(id) FROM outcomes) = id FROM payments.feed_cursor"
        assert sql.execute(rows).fetchone() == (True,)

    # The first follower meets its cursor elsewhere, and begins there as well.
    say(sql, "extend_hold", "confirmed", 3)
    await eventually_async(read_to_the_end)
    again.stop()
    await running
    assert await payments(postgres) == before


@pytest.mark.usefixtures("following")
async def test_what_two_learn_at_once_is_both_kept(sql: Sql, postgres: Postgres, store: Store) -> None:
    say(sql, "start_payment", "paying", 2, attempt=1)
    await has(postgres, (BookingStatus.PAYING, 2, False))
    answers = [Answer("pi_1", IntentStatus.CAPTURED, 2_400), Answer("pi_1", IntentStatus.CAPTURED, 2_400, 900)]
    changes = [store.learn(KEY, partial(_learned, answer=one)) for one in answers * 5]
    told = [
        store.learn(KEY, lambda payment, _now: replace(payment, told="authorised", acknowledged=True)) for _ in range(5)
    ]
    await asyncio.gather(*changes, *told)
    (payment,) = await payments(postgres)
    assert (payment.captured_minor, payment.refunded_minor, payment.told) == (2_400, 900, "authorised")


@pytest.mark.usefixtures("following")
async def test_a_step_is_on_record_before_it_is_made_and_what_rests_is_not_due(
    sql: Sql, postgres: Postgres, store: Store
) -> None:
    say(sql, "start_payment", "paying", 2, attempt=1)
    await has(postgres, (BookingStatus.PAYING, 2, False))
    assert await store.due(10) == [KEY]
    _, step = await store.begin_step(KEY)
    (payment,) = await payments(postgres)
    assert (step, payment.asked) == (Authorise(), True)
    await store.retry(KEY)
    assert await store.due(10) == [], "after a failure it waits"
    say(sql, "cancel_booking", "cancelled", 3)
    await has(postgres, (BookingStatus.CANCELLED, 3, False))
    assert await store.due(10) == [KEY], "what is learned makes it due"
    await store.learn(KEY, lambda one, now_ms: heard(one, Answer("", IntentStatus.DECLINED), now_ms))
    _, step = await store.begin_step(KEY)
    assert step == Rest()
    assert await store.due(10) == []


@pytest.mark.usefixtures("following")
async def test_a_clock_that_is_ahead_puts_no_payment_off(
    sql: Sql, postgres: Postgres, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: right() + 3_600 * 10**9)
    say(sql, "start_payment", "paying", 2, attempt=1)
    await has(postgres, (BookingStatus.PAYING, 2, False))
    await store.learn(KEY, lambda one, now_ms: heard(one, Answer("pi_1", IntentStatus.PROCESSING), now_ms))
    _, step = await store.begin_step(KEY)
    assert isinstance(step, Rest)
    ((pause_s,),) = sql.execute("SELECT extract(epoch FROM due_at - now())::float FROM payments.payments").fetchall()
    assert 0 < pause_s <= ASK_AFTER_MS / 1000


async def test_nobody_else_may_touch_what_payments_keep_and_payments_nothing_else(ledger: str) -> None:
    import psycopg  # noqa: PLC0415 - for its errors alone

    refused = {
        "frontrow_worker": "SELECT FROM payments.payments",
        "frontrow_audit": "UPDATE payments.payments SET token = 'x'",
        "frontrow_payments": "UPDATE bookings SET status = 'confirmed'",
        "frontrow_test_provider": "SELECT FROM payment_starts",
    }
    for role, statement in refused.items():
        with psycopg.connect(ledger, user=role) as connection, pytest.raises(psycopg.Error) as error:
            connection.execute(statement)
        assert isinstance(error.value, psycopg.errors.InsufficientPrivilege | psycopg.errors.ReadOnlySqlTransaction)
