"""The application: builds the parts of write_api from its settings and wires their start and stop.

``python -m write_api``, the document builder and the tests enter here. Nothing happens at import.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts import problems
from contracts.payment_tokens import TokenSeal
from runtime import http
from runtime.breaker import Breaker
from runtime.kafka import producer_config
from runtime.postgres import Postgres, PostgresAwayError
from runtime.problems import ProblemError, request_id, response
from runtime.producer import Producer
from runtime.redis import async_client
from write_api.accounts import AccountCalls
from write_api.booking import Book
from write_api.booking_commands import BookingCommands
from write_api.callers import Principals, credentials
from write_api.commands import CommandLog
from write_api.document import document
from write_api.idempotency import Idempotency
from write_api.issuer import Issuer
from write_api.mail import mail
from write_api.organising import OrganiserCalls
from write_api.password_resets import PasswordResetCalls
from write_api.passwords import Passwords
from write_api.people import People
from write_api.session_answers import SessionCookies
from write_api.session_rows import SessionRows
from write_api.sessions import SessionCalls
from write_api.settings import WriteApiSettings
from write_api.throttle import Throttle
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
    knows = credentials(settings.token_signing_keys)
    principals = Principals(settings.principal_key)
    throttle = Throttle(redis, breaker, settings.unlimited_addresses)
    postgres = Postgres(settings.postgres_conninfo, "write_api")
    people, passwords, cookies = (
        People(postgres),
        Passwords(),
        SessionCookies(secure=settings.public_url.startswith("https:")),
    )
    resets = PasswordResetCalls(people, passwords, throttle, mail(settings), settings.public_url)

    async def log_is_there() -> bool:
        return producer.reachable

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await producer.start()
        await outcomes.start()
        await postgres.start()
        letting_go = asyncio.create_task(_let_go(outcomes, http.stopping(app)))
        try:
            yield
        finally:
            letting_go.cancel()
            await outcomes.stop()
            await resets.stop()
            passwords.stop()
            await postgres.stop()
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
    BookingCommands(log, idempotency, knows, TokenSeal(settings.payment_token_key)).add_to(app)
    AccountCalls(people, passwords, throttle, knows, cookies).add_to(app)
    issuer = Issuer(principals, settings.token_signing_keys, settings.refresh_key)
    SessionCalls(
        people,
        SessionRows(postgres),
        passwords,
        throttle=throttle,
        credentials=knows,
        issuer=issuer,
        cookies=cookies,
    ).add_to(app)
    resets.add_to(app)
    OrganiserCalls(log, idempotency, knows).add_to(app)
    app.add_exception_handler(PostgresAwayError, _people_unavailable)
    # First, so that the hot path is matched first.
    book = Book(log, principals, idempotency, outcomes, knows)
    app.router.routes.insert(0, Route("/api/book", book, methods=["POST"]))
    app.openapi = partial(document, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


async def _people_unavailable(request: Request, _away: Exception) -> Response:
    text = "Accounts cannot be reached at the moment; bookings are taken all the same."
    return response(ProblemError(problems.OVERLOADED, text), request_id(request))


async def _let_go(outcomes: Outcomes, stopping: asyncio.Event) -> None:
    await stopping.wait()
    outcomes.let_go()
