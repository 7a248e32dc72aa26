"""The application: builds the parts of write_api from its settings and wires their start and stop.

``python -m write_api``, the document builder and the tests enter here. Nothing happens at import.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.routing import Route

from contracts import problems
from contracts.payment_tokens import TokenSeal
from contracts.tickets import TicketReader
from runtime import http
from runtime.breaker import Breaker
from runtime.kafka import producer_config
from runtime.postgres import Postgres
from runtime.producer import Producer
from runtime.redis import async_client
from write_api import ledger, overload
from write_api.account_limits import AccountLimits
from write_api.booking import Book
from write_api.booking_commands import BookingCommands
from write_api.callers import Principals, credentials
from write_api.check_ins import CheckIns
from write_api.commands import CommandLog
from write_api.desk import Desk
from write_api.document import document
from write_api.idempotency import Idempotency
from write_api.ledger import Ledger
from write_api.letter_calls import LetterCalls
from write_api.letters import Letters
from write_api.organising import OrganiserCalls
from write_api.overload import Overload
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
    dice = random.SystemRandom()
    producer = Producer(producer_config(settings.kafka_bootstrap, "write_api"), settings.topic, settings.partitions)
    log = CommandLog(producer, settings.booking_id_keys.mint(settings.keyed_id_key), settings.partitions)
    # One client and one breaker for both uses of Redis: what one finds out spares the other the wait.
    redis, breaker = async_client(settings.redis_url, settings.redis_password.get_secret_value()), Breaker()
    idempotency = Idempotency(log, settings.derivation_key, redis, breaker)
    outcomes = Outcomes(redis, breaker)
    knows = credentials(settings.token_signing_keys)
    principals = Principals(settings.principal_key)
    throttle = Throttle(redis, breaker, settings.unlimited_addresses)
    desk = Desk(settings, throttle, knows, principals)
    # Connections of its own: a crowd that logs in delays no answer about a booking.
    asked = Postgres(
        settings.postgres_conninfo,
        "write_api ledger",
        connections=ledger.CONNECTIONS,
        within_s=ledger.WITHIN_S,
        rest_s=ledger.REST_S,
    )
    # One more, so that no question about a booking stands before the one whether there may be more of them.
    lag = Postgres(
        settings.postgres_conninfo, "write_api lag", connections=overload.CONNECTIONS, within_s=overload.WITHIN_S
    )
    too_much = Overload(lag, settings.topic, producer.appended, lambda most: dice.randint(0, most))

    # What operators look at may take longer than what is asked while a booking waits.
    looked_at = Postgres(settings.postgres_conninfo, "write_api letters", connections=1)

    async def log_is_there() -> bool:
        return producer.reachable

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await producer.start(on_failure=partial(http.end, app))
        await outcomes.start()
        await desk.start()
        await asked.start()
        await too_much.start(on_failure=partial(http.end, app))
        await looked_at.start()
        letting_go = asyncio.create_task(_let_go(outcomes, http.stopping(app)))
        try:
            yield
        finally:
            letting_go.cancel()
            await outcomes.stop()
            await desk.stop()
            await asked.stop()
            await too_much.stop()
            await looked_at.stop()
            # uvicorn has answered what was under way; what the log has not confirmed gets its last chance here.
            await producer.stop()
            await redis.aclose()

    limits, early = AccountLimits(throttle), Ledger(asked)
    book = Book(
        log,
        idempotency,
        outcomes,
        too_much,
        credentials=knows,
        principals=principals,
        limits=limits,
        guests=settings.guest_booking,
    )
    app = http.create_app(
        title="Frontrow: write API",
        version=VERSION,
        lifespan=lifespan,
        checks={"log": log_is_there},
        refusals=REFUSALS,
    )
    app.router.routes.append(Route("/api/book", book, methods=["POST"]))
    http.answer_directly(app, "POST", "/api/book", book)
    seal = TokenSeal(settings.payment_token_key)
    BookingCommands(log, idempotency, credentials=knows, limits=limits, ledger=early, seal=seal).add_to(app)
    desk.add_to(app)
    OrganiserCalls(log, idempotency, knows, early).add_to(app)
    tickets = TicketReader(settings.ticket_public_keys.keys)
    letters = Letters(looked_at, log, settings.derivation_key, settings.partitions)
    LetterCalls(letters, knows).add_to(app)
    CheckIns(log, idempotency, outcomes, credentials=knows, ledger=early, tickets=tickets).add_to(app)
    app.openapi = partial(document, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


async def _let_go(outcomes: Outcomes, stopping: asyncio.Event) -> None:
    await stopping.wait()
    outcomes.let_go()
