"""The application: builds the parts of write_api from its settings and wires their start and stop.

``python -m write_api``, the document builder and the tests enter here. Nothing happens at import.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.routing import Route

from contracts import problems
from contracts.payment_tokens import TokenSeal
from runtime import http
from runtime.breaker import Breaker
from runtime.credentials import Credentials
from runtime.kafka import producer_config
from runtime.producer import Producer
from runtime.redis import async_client
from write_api.booking import Book
from write_api.booking_commands import BookingCommands
from write_api.commands import CommandLog
from write_api.document import document
from write_api.idempotency import Idempotency
from write_api.settings import WriteApiSettings
from write_api.waiting import Outcomes

VERSION: Final = "1"

REFUSALS: Final = http.FrameworkProblems(
    not_found=problems.NOT_FOUND,
    method_not_allowed=problems.METHOD_NOT_ALLOWED,
    bad_request=problems.BAD_REQUEST,
    invalid_request=problems.INVALID_REQUEST,
    internal=problems.INTERNAL,
)


def create_app(settings: WriteApiSettings) -> FastAPI:
    """Return the application; the log is first touched when it starts."""
    producer = Producer(producer_config(settings.kafka_bootstrap, "write_api"), settings.topic, settings.partitions)
    log = CommandLog(producer, settings.booking_id_keys.mint(settings.keyed_id_key), settings.partitions)
    # One client and one breaker for both uses of Redis: what one finds out spares the other the wait.
    redis, breaker = async_client(settings.redis_url, settings.redis_password.get_secret_value()), Breaker()
    idempotency = Idempotency(log, settings.derivation_key, redis, breaker)
    outcomes = Outcomes(redis, breaker)
    tokens = settings.token_signing_keys.public().reader()
    credentials = Credentials(
        lambda token: tokens.read(token, now_s=time.time()),
        unauthenticated=problems.UNAUTHENTICATED,
        forbidden=problems.FORBIDDEN,
    )

    async def log_is_there() -> bool:
        return producer.reachable

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await producer.start()
        await outcomes.start()
        letting_go = asyncio.create_task(_let_go(outcomes, http.stopping(app)))
        try:
            yield
        finally:
            letting_go.cancel()
            await outcomes.stop()
            # uvicorn has answered what was under way; what the log has not confirmed gets its last chance here.
            await producer.stop()
            await redis.aclose()

    app = http.create_app(
        title="Frontrow: write API",
        version=VERSION,
        lifespan=lifespan,
        checks={"log": log_is_there},
        refusals=REFUSALS,
    )
    BookingCommands(log, idempotency, credentials, TokenSeal(settings.payment_token_key)).add_to(app)
    # First, so that the hot path is matched first.
    book = Book(log, settings.principal_key, idempotency, outcomes, credentials)
    app.router.routes.insert(0, Route("/api/book", book, methods=["POST"]))
    app.openapi = partial(document, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


async def _let_go(outcomes: Outcomes, stopping: asyncio.Event) -> None:
    await stopping.wait()
    outcomes.let_go()
