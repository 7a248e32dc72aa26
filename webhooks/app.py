"""The application: builds the parts of this room from its settings and wires their start and stop.

``python -m webhooks``, the document builder and the tests enter here. Nothing happens at import. Beside the calls run
the follower and the deliverer; when one of them cannot go on, the process ends, since an API without them would promise
what nobody does.
"""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI

from contracts import problems
from runtime import http
from runtime.credentials import Credentials
from runtime.feed import CursorError, Follower
from runtime.postgres import Postgres
from webhooks.calls import WebhookCalls
from webhooks.declared import document
from webhooks.deliverer import Deliverer
from webhooks.ledger import SOURCE
from webhooks.network import CheckedBackend
from webhooks.sending import Sender
from webhooks.settings import WebhooksSettings
from webhooks.telling import Telling

VERSION: Final = "1"
CURSOR: Final = "webhooks.feed_cursor"

REFUSALS: Final = http.FrameworkProblems(
    not_found=problems.NOT_FOUND,
    method_not_allowed=problems.METHOD_NOT_ALLOWED,
    bad_request=problems.BAD_REQUEST,
    invalid_request=problems.INVALID_REQUEST,
    internal=problems.INTERNAL,
)


def create_app(settings: WebhooksSettings) -> FastAPI:
    """Return the application; PostgreSQL is first touched when it starts, and need not be there."""
    postgres = Postgres(settings.conninfo, "webhooks")
    allow_private = settings.webhooks_allow_private
    network = CheckedBackend(allow_private=allow_private)
    sender = Sender(network, allow_private=allow_private, trust=ssl.create_default_context())
    parts = _Parts(settings, postgres, sender)
    tokens = settings.token_public_keys.reader()
    credentials = Credentials(
        lambda token: tokens.read(token, now_s=time.time()),
        unauthenticated=problems.UNAUTHENTICATED,
        forbidden=problems.FORBIDDEN,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await postgres.start()
        running = parts.start(app)
        try:
            yield
        finally:
            parts.stop()
            await asyncio.gather(*running, return_exceptions=True)
            await sender.close()
            await postgres.stop()

    app = http.create_app(
        title="Frontrow: webhooks",
        version=VERSION,
        lifespan=lifespan,
        checks={"feed": parts.follower.is_ready},
        refusals=REFUSALS,
    )
    calls = WebhookCalls(
        postgres, credentials, settings.webhook_secret_keys, network, allow_private=allow_private, told=parts.wake
    )
    calls.add_to(app)
    app.openapi = partial(document, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


class _Parts:
    """The follower and the deliverer, which wakes when something is told."""

    def __init__(self, settings: WebhooksSettings, postgres: Postgres, sender: Sender) -> None:
        self.follower = Follower(settings.conninfo, SOURCE, CURSOR, Telling(self.wake).act, name="webhooks")
        keys, dice = settings.webhook_secret_keys, random.SystemRandom().random
        self._deliverer = Deliverer(postgres, sender, keys, lambda: self.follower.active, dice)

    def wake(self) -> None:
        """Let the deliverer look."""
        self._deliverer.wake()

    def start(self, app: FastAPI) -> list[asyncio.Task[None]]:
        """Let both run in tasks of their own."""
        running = [asyncio.create_task(part.run()) for part in (self.follower, self._deliverer)]
        for task in running:
            task.add_done_callback(http.end_if_it_failed(app, hopeless=(CursorError,)))
        return running

    def stop(self) -> None:
        """Ask for the end; safe to call twice."""
        self.follower.stop()
        self._deliverer.stop()
