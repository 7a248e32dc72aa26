"""The application: builds the parts of write_api from its settings and wires their start and stop.

``python -m write_api``, the document builder and the tests enter here. Nothing happens at import.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.routing import Route

from contracts import problems
from runtime import http
from runtime.kafka import producer_config
from runtime.producer import Producer
from write_api.booking import Book
from write_api.booking_commands import BookingCommands
from write_api.commands import CommandLog
from write_api.document import document
from write_api.settings import WriteApiSettings

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
    log = CommandLog(producer, settings.booking_id_keys.mint(), settings.partitions)

    async def log_is_there() -> bool:
        return producer.reachable

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await producer.start()
        try:
            yield
        finally:
            # uvicorn has answered what was under way; what the log has not confirmed gets its last chance here.
            await producer.stop()

    app = http.create_app(
        title="Frontrow: write API",
        version=VERSION,
        lifespan=lifespan,
        checks={"log": log_is_there},
        refusals=REFUSALS,
    )
    BookingCommands(log).add_to(app)
    # First, so that the hot path is matched first.
    app.router.routes.insert(0, Route("/api/book", Book(log, settings.principal_key), methods=["POST"]))
    app.openapi = partial(document, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app
