"""The application: builds the parts of the provider from its settings and wires their start and stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from contracts import problems
from runtime import http
from runtime.postgres import Connection, Postgres, PostgresAwayError
from test_provider.api import Api
from test_provider.books import Books
from test_provider.postman import Postman
from test_provider.settings import TestProviderSettings


def create_app(settings: TestProviderSettings) -> FastAPI:
    """Return the application; nothing is touched before it starts."""
    postgres = Postgres(settings.conninfo, "test_provider")
    books = Books(postgres)
    postman = Postman(books, settings.payment_webhook_url, settings.payment_webhook_secret)

    async def books_are_there() -> bool:
        async def work(connection: Connection) -> None:
            await connection.execute("SELECT")

        try:
            await postgres.run(work)
        except PostgresAwayError:
            return False
        return True

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await postgres.start()
        sending = asyncio.create_task(postman.run())
        sending.add_done_callback(http.end_if_it_failed(app))
        yield
        postman.stop()
        await asyncio.gather(sending, return_exceptions=True)
        await postgres.stop()

    app = http.create_app(
        title="Test provider",
        version="1",
        lifespan=lifespan,
        checks={"books": books_are_there},
        refusals=http.FrameworkProblems(
            problems.NOT_FOUND,
            problems.METHOD_NOT_ALLOWED,
            problems.BAD_REQUEST,
            problems.INVALID_REQUEST,
            problems.INTERNAL,
        ),
    )
    Api(books, postman, settings.payment_provider_key).add_to(app)
    return app
