"""What becomes of deliveries: once where it goes well, again where it does not, given up at last, and never lost."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import psycopg
import pytest

from runtime.postgres import Postgres
from tests.eventually import WITHIN_S, eventually_async
from tests.integration.webhooks.following import Sql
from tests.receiver import Receiver, listening
from webhooks import deliverer as room
from webhooks import metrics, sending
from webhooks.deliverer import Deliverer
from webhooks.deliveries import KEEP_DAYS, KEEP_DELIVERED_DAYS
from webhooks.network import CheckedBackend
from webhooks.schedule import PAUSES_S
from webhooks.sending import Sender
from webhooks.signing import SealingKeys, new_secret, shown

KEYS = SealingKeys.model_validate({"current": 1, "keys": {"1": "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="}})
BODY = '{"type":"booking.confirmed","timestamp":"2027-01-02T03:04:05.678Z","data":{}}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


class Endpoints:
    """Webhooks and their deliveries, written as the calls and the follower would."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self.secrets: dict[str, str] = {}

    def add(self, url: str) -> str:
        webhook_id, secret = f"wh_{secrets.token_hex(11)}", new_secret()
        self.secrets[webhook_id] = shown(secret)
        self._sql.execute(
            """INSERT INTO webhooks.endpoints (webhook_id, principal, all_events, url, types, secret)
            VALUES (%s, 'p_organiser', false, %s, '{booking.confirmed}', %s)""",
            (webhook_id, url, KEYS.seal(secret, webhook_id)),
        )
        return webhook_id

    def deliver(self, webhook_id: str, *, kind: str = "booking.confirmed", attempts: int = 0) -> str:
        delivery_id = f"msg_{secrets.token_hex(16)}"
        self._sql.execute(
            """INSERT INTO webhooks.deliveries (delivery_id, webhook_id, type, body, attempts)
            VALUES (%s, %s, %s, %s, %s)""",
            (delivery_id, webhook_id, kind, BODY, attempts),
        )
        return delivery_id

    def row(self, delivery_id: str) -> dict[str, Any]:
        with self._sql.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            found = cursor.execute(
                """SELECT status, attempts, response_status, error,
                    extract(epoch FROM due_at - attempted_at)::float8 AS pause_s
                FROM webhooks.deliveries WHERE delivery_id = %s""",
                (delivery_id,),
            ).fetchone()
        assert found is not None
        return found

    async def becomes(self, delivery_id: str, *, within_s: float = WITHIN_S, **expected: Any) -> dict[str, Any]:  # noqa: ANN401 - columns
        async def so() -> dict[str, Any]:
            row = self.row(delivery_id)
            assert {name: row[name] for name in expected} == expected, row
            return row

        return await eventually_async(so, within_s=within_s)

    def webhook(self, webhook_id: str, column: str) -> Any:  # noqa: ANN401 - a column
        query = psycopg.sql.SQL("SELECT {} FROM webhooks.endpoints WHERE webhook_id = %s")
        found = self._sql.execute(query.format(psycopg.sql.Identifier(column)), (webhook_id,)).fetchone()
        assert found is not None
        return found[0]

    def run(self, statement: str, *values: object) -> None:
        self._sql.execute(statement.encode(), values)


@pytest.fixture
def endpoints(sql: Sql) -> Endpoints:
    return Endpoints(sql)


@asynccontextmanager
async def delivering(conninfo: str, active: Callable[[], bool] = lambda: True) -> AsyncIterator[Deliverer]:
    """Let a deliverer run, and stop it as SIGTERM does."""
    postgres = Postgres(conninfo, "webhooks test")
    await postgres.start()
    sender = Sender(CheckedBackend(allow_private=True), allow_private=True, trust=ssl.create_default_context())
    one = Deliverer(postgres, sender, KEYS, active, lambda: 0.0)
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        await running
        await sender.close()
        await postgres.stop()


async def test_what_is_due_is_delivered_once_in_order_and_signed(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "AT_ONCE_FOR_ONE", 1)
    webhook = endpoints.add(receiver.url)
    due = [endpoints.deliver(webhook) for _ in range(5)]
    async with delivering(as_webhooks):
        for delivery in due:
            await endpoints.becomes(delivery, status="delivered", attempts=1, response_status=204, error=None)
    assert receiver.ids() == due
    receiver.received[0].verify(endpoints.secrets[webhook])


async def test_a_failure_is_tried_again_under_the_same_id_with_the_time_of_the_attempt(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    webhook = endpoints.add(receiver.url)
    receiver.status = 500
    delivery = endpoints.deliver(webhook)
    async with delivering(as_webhooks):
        row = await endpoints.becomes(delivery, status="pending", attempts=1, response_status=500, error="refused")
        assert row["pause_s"] == pytest.approx(PAUSES_S[0], abs=0.1)
        assert endpoints.webhook(webhook, "failing_since") is not None
        receiver.status = 200
        await endpoints.becomes(delivery, status="delivered", attempts=2)
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body) == (delivery, BODY)
    assert int(second.headers["webhook-timestamp"]) >= int(first.headers["webhook-timestamp"]) + 4
    second.verify(endpoints.secrets[webhook])
    assert endpoints.webhook(webhook, "failing_since") is None


async def test_a_process_whose_clock_is_wrong_puts_nobody_off(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # of the class that it stands for
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setattr(room, "datetime", Ahead)
    webhook = endpoints.add(receiver.url)
    receiver.status = 503
    delivery = endpoints.deliver(webhook)
    async with delivering(as_webhooks):
        await endpoints.becomes(delivery, status="pending", attempts=1, response_status=503)
        receiver.status = 200
        await endpoints.becomes(delivery, status="delivered", attempts=2)


async def test_after_the_last_attempt_a_delivery_is_dead(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    webhook = endpoints.add(receiver.url)
    receiver.status = 404
    last_but_one = endpoints.deliver(webhook, attempts=len(PAUSES_S) - 1)
    last = endpoints.deliver(webhook, attempts=len(PAUSES_S))
    async with delivering(as_webhooks):
        row = await endpoints.becomes(last_but_one, status="pending", attempts=len(PAUSES_S))
        assert row["pause_s"] == pytest.approx(PAUSES_S[-1], abs=0.1)
        await endpoints.becomes(last, status="dead", attempts=len(PAUSES_S) + 1, response_status=404)


async def test_a_test_has_one_attempt(endpoints: Endpoints, as_webhooks: str, receiver: Receiver) -> None:
    receiver.status = 500
    test = endpoints.deliver(endpoints.add(receiver.url), kind="webhook.test")
    async with delivering(as_webhooks):
        await endpoints.becomes(test, status="dead", attempts=1)


async def test_an_endpoint_that_takes_its_time_keeps_nobody_else_waiting(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    with listening() as slow:
        slow.open.clear()
        slow_one = endpoints.add(slow.url)
        for _ in range(20):
            endpoints.deliver(slow_one)
        quick_one = endpoints.add(receiver.url)
        quick = [endpoints.deliver(quick_one) for _ in range(20)]
        async with delivering(as_webhooks):
            for delivery in quick:
                await endpoints.becomes(delivery, status="delivered")
            await asyncio.to_thread(slow.wait_for, room.AT_ONCE_FOR_ONE)
            assert slow.most_at_once == room.AT_ONCE_FOR_ONE
            assert receiver.most_at_once <= room.AT_ONCE_FOR_ONE
            slow.open.set()
            await asyncio.to_thread(slow.wait_for, 20)


async def test_an_endpoint_that_fails_is_asked_one_delivery_at_a_time(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    receiver.open.clear()
    webhook = endpoints.add(receiver.url)
    endpoints.run("UPDATE webhooks.endpoints SET failing_since = now()")
    due = [endpoints.deliver(webhook) for _ in range(5)]
    async with delivering(as_webhooks) as one:
        await asyncio.to_thread(receiver.wait_for, 1)
        await one.run_once()
        assert receiver.most_at_once == 1
        receiver.open.set()
        for delivery in due:
            await endpoints.becomes(delivery, status="delivered")


async def test_an_endpoint_that_is_gone_is_disabled_and_hears_no_more(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    receiver.status = 410
    webhook = endpoints.add(receiver.url)
    first = endpoints.deliver(webhook)
    async with delivering(as_webhooks) as one:
        await endpoints.becomes(first, attempts=1)
        assert endpoints.webhook(webhook, "disabled_reason") == "gone"
        endpoints.deliver(webhook)
        await one.run_once()
    assert receiver.ids() == [first]


@pytest.mark.parametrize(("days", "reason"), [(2, None), (4, "failing")])
async def test_an_endpoint_that_only_failed_for_days_is_disabled(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver, days: int, reason: str | None
) -> None:
    receiver.status = 500
    webhook = endpoints.add(receiver.url)
    endpoints.run("UPDATE webhooks.endpoints SET failing_since = %s", datetime.now(UTC) - timedelta(days=days))
    delivery = endpoints.deliver(webhook)
    async with delivering(as_webhooks):
        await endpoints.becomes(delivery, attempts=1)
    assert endpoints.webhook(webhook, "disabled_reason") == reason


async def test_an_endpoint_that_asks_for_peace_gets_it_for_all_of_its_deliveries(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "3600"}
    webhook = endpoints.add(receiver.url)
    first = endpoints.deliver(webhook)
    async with delivering(as_webhooks) as one:
        row = await endpoints.becomes(first, attempts=1)
        assert row["pause_s"] == pytest.approx(3600, abs=1)
        endpoints.deliver(webhook)
        await one.run_once()
    assert receiver.ids() == [first]


async def test_what_came_of_an_attempt_is_kept_while_postgresql_is_away(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver, sql: Sql, postgres_url: str
) -> None:
    receiver.open.clear()
    delivery = endpoints.deliver(endpoints.add(receiver.url))
    name = psycopg.sql.Identifier(sql.info.dbname)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        async with delivering(as_webhooks):
            await asyncio.to_thread(receiver.wait_for, 1)
            server.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
            server.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = %s AND usename = 'frontrow_webhooks'""",
                (sql.info.dbname,),
            )
            receiver.open.set()
            before = metrics.RETRIES._value.get()  # noqa: SLF001 - the only way to see that it was away

            async def noticed() -> None:
                assert metrics.RETRIES._value.get() > before  # noqa: SLF001 - as above

            await eventually_async(noticed)
            server.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
            await endpoints.becomes(delivery, status="delivered", attempts=1)
    assert receiver.ids() == [delivery], "it was not sent again"


async def test_whoever_was_overtaken_changes_nothing(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    receiver.open.clear()
    receiver.status = 500
    delivery = endpoints.deliver(endpoints.add(receiver.url))
    async with delivering(as_webhooks):
        await asyncio.to_thread(receiver.wait_for, 1)
        # As another process' success would have left it.
        endpoints.run("UPDATE webhooks.deliveries SET status = 'delivered', due_at = NULL, attempts = 1")
        receiver.open.set()
    assert endpoints.row(delivery)["status"] == "delivered"


async def test_one_that_stands_by_sends_nothing(endpoints: Endpoints, as_webhooks: str, receiver: Receiver) -> None:
    delivery = endpoints.deliver(endpoints.add(receiver.url))
    async with delivering(as_webhooks, lambda: False) as one:
        await one.run_once()
    assert endpoints.row(delivery)["attempts"] == 0
    assert receiver.received == []


async def test_a_secret_whose_key_is_gone_is_a_failure_of_its_delivery_alone(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver
) -> None:
    webhook, other = endpoints.add(receiver.url), endpoints.add(receiver.url)
    endpoints.run("UPDATE webhooks.endpoints SET secret = '\\x0200' WHERE webhook_id = %s", webhook)
    unreadable, fine = endpoints.deliver(webhook), endpoints.deliver(other)
    async with delivering(as_webhooks):
        await endpoints.becomes(unreadable, status="pending", attempts=1, error="secret_unreadable")
        await endpoints.becomes(fine, status="delivered")


async def test_what_is_old_is_forgotten_and_what_is_dead_is_kept_longer(
    endpoints: Endpoints, as_webhooks: str, receiver: Receiver, sql: Sql
) -> None:
    webhook = endpoints.add(receiver.url)
    for status, days in [("delivered", KEEP_DELIVERED_DAYS), ("dead", KEEP_DELIVERED_DAYS), ("dead", KEEP_DAYS)]:
        for age in (days - 0.1, days + 0.1):
            endpoints.run(
                """UPDATE webhooks.deliveries SET status = %s, due_at = NULL, created_at = now() - %s * interval '1 day'
                WHERE delivery_id = %s""",
                status,
                age,
                endpoints.deliver(webhook),
            )
    async with delivering(as_webhooks):

        async def forgotten() -> None:
            left = sql.execute("SELECT status, count(*) FROM webhooks.deliveries GROUP BY 1 ORDER BY 1").fetchall()
            assert left == [("dead", 3), ("delivered", 1)]

        await eventually_async(forgotten)


async def test_slow_names_and_bounds_leave_time_for_an_attempt() -> None:
    assert sending.CONNECTIONS > room.AT_ONCE
    assert sending.CONNECT_WITHIN_S < sending.ANSWER_WITHIN_S
