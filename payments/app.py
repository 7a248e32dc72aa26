"""The application: builds the parts of payments from its settings and wires their start and stop.

``python -m payments`` and the tests enter here. Nothing happens at import.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.routing import Route

from contracts import problems
from contracts.payment_tokens import TokenSeal
from payments.answers import Answers
from payments.cashier import Cashier
from payments.intake import SOURCE, Intake
from payments.rest_provider import RestProvider
from payments.settings import PaymentsSettings
from payments.store import Store
from payments.webhooks import PATH, Webhooks
from runtime import http
from runtime.feed import CursorError, Follower
from runtime.kafka import producer_config
from runtime.postgres import Postgres
from runtime.producer import Producer

CONNECTIONS: Final = 6
"""To PostgreSQL, besides the follower's: steps and webhooks take some milliseconds of one each."""

REFUSALS: Final = http.FrameworkProblems(
    not_found=problems.NOT_FOUND,
    method_not_allowed=problems.METHOD_NOT_ALLOWED,
    bad_request=problems.BAD_REQUEST,
    invalid_request=problems.INVALID_REQUEST,
    internal=problems.INTERNAL,
)


def create_app(settings: PaymentsSettings) -> FastAPI:
    """Return the application; nothing is touched before it starts."""
    postgres = Postgres(settings.conninfo, "payments", connections=CONNECTIONS)
    store = Store(postgres)
    producer = Producer(producer_config(settings.kafka_bootstrap, "payments"), settings.topic, settings.partitions)
    provider = RestProvider(settings.payment_provider_url, settings.payment_provider_key)
    seal = TokenSeal(settings.payment_token_key)

    def wake() -> None:
        cashier.wake()

    follower = Follower(settings.conninfo, SOURCE, "payments.feed_cursor", Intake(wake), name="payments feed")
    cashier = Cashier(store, provider, Answers(producer), seal, _now_ms, lambda: follower.active)

    async def log_is_there() -> bool:
        return producer.reachable

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await postgres.start()
        await producer.start()
        async with provider:
            working = [asyncio.create_task(part.run()) for part in (follower, cashier)]
            for task in working:
                task.add_done_callback(http.end_if_it_failed(app, hopeless=(CursorError,)))
            yield
            # First no new steps, then those under way, then what they need.
            cashier.stop()
            follower.stop()
            await asyncio.gather(*working, return_exceptions=True)
        await producer.stop()
        await postgres.stop()

    app = http.create_app(
        title="Frontrow payments",
        version="1",
        lifespan=lifespan,
        # Not the provider: its absence is bridged, and no reason to call this process unwell.
        checks={"ledger": follower.is_ready, "log": log_is_there},
        refusals=REFUSALS,
    )
    webhooks = Webhooks(store, settings.payment_webhook_secret, wake)
    app.router.routes.append(Route(PATH, webhooks.take_webhook, methods=["POST"]))
    return app


def _now_ms() -> int:
    """This process' clock, which a command says as its own time, and nothing else goes by."""
    return time.time_ns() // 1_000_000
