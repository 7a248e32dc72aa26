"""Webhooks: what is signed by the provider is taken in, once however often it comes; everything else is refused."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook
from starlette.routing import Route

from contracts.outcomes import BookingStatus
from payments import store as payments_store
from payments.app import REFUSALS
from payments.payment import Booking, Payment
from payments.provider import IntentStatus
from payments.store import Store
from payments.webhooks import PATH, Webhooks
from runtime import http
from runtime.postgres import Connection, Postgres
from tests.integration.payments.conftest import WEBHOOK_SECRET

PAYING = Booking(BookingStatus.PAYING, None, ("A1",), 2)


@pytest.fixture
async def payment(postgres: Postgres) -> Payment:
    made = Payment("bk_1", 1, 0, "sealed", "EUR", ("A1",), (1_500,), PAYING, asked=True)

    async def work(connection: Connection) -> None:
        await payments_store.add(connection, made)

    await postgres.run(work)
    return made


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = http.create_app(title="t", version="1", lifespan=None, checks={}, refusals=REFUSALS)  # type: ignore[arg-type]
    webhooks = Webhooks(store, SecretStr(WEBHOOK_SECRET), lambda: None)
    app.router.routes.append(Route(PATH, webhooks.take_webhook, methods=["POST"]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://payments") as client:
        yield client


def notice(**changes: Any) -> bytes:  # noqa: ANN401 - any field
    intent = {
        "id": "pi_1",
        "status": "requires_capture",
        "metadata": {"booking_id": "bk_1", "attempt": "1"},
        **changes,
    }
    return json.dumps({"type": "payment_intent.amount_capturable_updated", "data": intent}).encode()


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


async def status_of(postgres: Postgres) -> IntentStatus | None:
    async def work(connection: Connection) -> IntentStatus | None:
        ((one,),) = (await payments_store.of_bookings(connection, ["bk_1"])).values()
        return one.status

    return await postgres.run(work)


@pytest.mark.usefixtures("payment")
async def test_a_webhook_is_taken_in_also_twice_and_before_the_call_was_answered(
    client: httpx.AsyncClient, postgres: Postgres
) -> None:
    body = notice()
    for _ in range(2):
        assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 204
    assert await status_of(postgres) is IntentStatus.AUTHORISED
    old = notice(status="processing")
    assert (await client.post(PATH, content=old, headers=signed(old))).status_code == 204
    assert await status_of(postgres) is IntentStatus.AUTHORISED, "late is not back"


@pytest.mark.usefixtures("payment")
async def test_what_the_provider_did_not_sign_changes_nothing(client: httpx.AsyncClient, postgres: Postgres) -> None:
    body, now = notice(), datetime.now(UTC)
    good = signed(body)
    other = Webhook("whsec_bm90IHRoZSBwcm92aWRlcidz").sign("msg_1", now, body.decode())
    for headers in (
        {},
        good | {"webhook-signature": other},
        good | {"webhook-id": "msg_2"},
        good | {"webhook-signature": "v1"},
        good | {"webhook-signature": "v1,%%%"},
        good | {"webhook-timestamp": "yesterday"},
        signed(body, at=now - timedelta(minutes=6)),
        signed(notice(status="succeeded")),
    ):
        answer = await client.post(PATH, content=body, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    assert (await client.post(PATH, content=b"\xff\xfe", headers=good)).status_code == 401
    assert await status_of(postgres) is None


@pytest.mark.usefixtures("payment")
async def test_a_notice_of_another_intent_or_of_nobody_s_is_passed_over(
    client: httpx.AsyncClient, postgres: Postgres
) -> None:
    first = notice(status="processing")
    await client.post(PATH, content=first, headers=signed(first))
    for body in (
        notice(id="pi_other"),
        notice(metadata={}),
        notice(metadata={"booking_id": "bk_1", "attempt": "two"}),
        notice(metadata={"booking_id": "bk_9", "attempt": "1"}),
    ):
        assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 204
    assert await status_of(postgres) is IntentStatus.PROCESSING
    junk = b'{"type": "payment_intent.created", "data": {"id": 7}}'
    assert (await client.post(PATH, content=junk, headers=signed(junk))).status_code == 422
