"""The postman: decides what is to be decided by now, and sends the webhooks that tell of it.

Each webhook is sent until it is taken, with growing pauses; one that is refused, or that nobody took for too long, is
given up. Signatures are those of the Standard Webhooks specification.
"""

import asyncio
import base64
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import httpx
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from runtime.postgres import PostgresAwayError
from test_provider.books import Books, Delivery

LOOK_EVERY_S: Final = 0.2
"""How often one looks for what is due when nobody said that something is."""
ANSWER_WITHIN_S: Final = 5.0
FIRST_RETRY_S: Final = 0.5
LONGEST_RETRY_S: Final = 30.0
MOST_ATTEMPTS: Final = 20
"""Some eight minutes: longer than a restart of anything, and whoever was away can ask."""

_log = logging.getLogger(__name__)


class Postman:
    """``url``: where webhooks are taken; ``secret`` is shared with whoever takes them."""

    def __init__(self, books: Books, url: str, secret: SecretStr) -> None:
        self._books = books
        self._url = url
        self._signature = Webhook(secret.get_secret_value())
        self._other_signature = Webhook(base64.b64encode(b"nobody knows this one").decode())
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN_S)
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Say that something may be due."""
        self._wake.set()

    def stop(self) -> None:
        """Ask for the end. Safe to call twice."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until ``stop``."""
        async with self._client:
            while not self._stopping:
                self._wake.clear()
                with suppress(PostgresAwayError):
                    await self._books.decide()
                    await self.deliver_due()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)

    async def deliver_due(self) -> None:
        """Send what is due, all at once."""
        await asyncio.gather(*map(self._deliver, await self._books.due_deliveries()))

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            answer = await self._client.post(self._url, content=delivery.payload, headers=self._headers(delivery))
            taken, refused = answer.is_success, answer.is_client_error
        except httpx.TransportError:
            taken = refused = False
        if refused or delivery.attempts + 1 >= MOST_ATTEMPTS:
            _log.warning("a webhook is given up", extra={"webhook_id": delivery.webhook_id, "refused": refused})
        if taken or refused or delivery.attempts + 1 >= MOST_ATTEMPTS:
            await self._books.delivered(delivery)
        else:
            after_s = min(FIRST_RETRY_S * 2**delivery.attempts, LONGEST_RETRY_S)
            await self._books.deliver_later(delivery, after_s)

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        now = datetime.now(UTC)
        signature = self._signature if delivery.well_signed else self._other_signature
        return {
            "Content-Type": "application/json",
            "webhook-id": delivery.webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature.sign(delivery.webhook_id, now, delivery.payload),
        }
