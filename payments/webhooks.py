"""Webhooks: the provider says by itself what became of an intent.

The gateway passes ``POST /api/payments/webhook`` here, for a provider outside; one inside calls this port. What is
signed as the Standard Webhooks specification says, with the secret that we share, is the provider's word; everything
else is refused with 401 and changes nothing. A webhook may come twice, late, or before the answer to the call that it
is about: what it says is taken in as an answer is. Without PostgreSQL it is 503, and the provider sends it again.
"""

import logging
from collections.abc import Callable
from typing import Final

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response

from contracts import problems
from payments import metrics
from payments.payment import Payment, heard
from payments.rest_provider import Intent
from payments.store import Key, Store
from runtime.postgres import PostgresAwayError
from runtime.problems import ProblemError

PATH: Final = "/api/payments/webhook"
MAX_BODY_BYTES: Final = 64 * 1024
"""As the gateway has it; an intent has some hundred bytes."""

_log = logging.getLogger(__name__)


class Notice(BaseModel):
    """A webhook's body: ``data`` is the intent as it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str
    data: Intent


class Webhooks:
    """The endpoint. ``learned`` is called when there may be something to do."""

    def __init__(self, store: Store, secret: SecretStr, learned: Callable[[], None]) -> None:
        self._store = store
        self._signature = Webhook(secret.get_secret_value())
        self._learned = learned

    async def take_webhook(self, request: Request) -> Response:
        """Take in one webhook; 204 also for one that says nothing that we need."""
        notice = self._notice(await _body(request), dict(request.headers))
        key = _key(notice.data)
        if key is not None:
            await self._take_in(key, notice.data)
        metrics.WEBHOOKS.labels("taken" if key is not None else "not_ours").inc()
        return Response(status_code=204)

    async def _take_in(self, key: Key, intent: Intent) -> None:
        def change(payment: Payment, now_ms: int) -> Payment:
            if payment.intent_id not in (None, intent.id):
                return payment  # another intent that claims to be of this payment
            return heard(payment, intent.answer, now_ms)

        try:
            await self._store.learn(key, change)
        except PostgresAwayError:
            metrics.WEBHOOKS.labels("postgres_away").inc()
            raise ProblemError(problems.OVERLOADED, "This cannot be kept right now; send it again.") from None
        self._learned()

    def _notice(self, body: bytes, headers: dict[str, str]) -> Notice:
        try:
            self._signature.verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):  # the library lets some malformed headers through as these
            metrics.WEBHOOKS.labels("refused").inc()
            _log.warning("a webhook that is not the provider's was refused")
            raise ProblemError(problems.UNAUTHENTICATED, "The signature is not the provider's.") from None
        try:
            return Notice.model_validate_json(body)
        except ValidationError:
            metrics.WEBHOOKS.labels("unreadable").inc()
            raise ProblemError(problems.INVALID_REQUEST, "The body is no notice of an intent.") from None


def _key(intent: Intent) -> Key | None:
    """Return which payment an intent is of, if it is one of ours."""
    booking_id, attempt = intent.metadata.get("booking_id"), intent.metadata.get("attempt", "")
    if not booking_id or not (attempt.isascii() and attempt.isdigit() and len(attempt) < 10):  # noqa: PLR2004 - four bytes
        return None
    return Key(booking_id, int(attempt))


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ProblemError(problems.PAYLOAD_TOO_LARGE, f"The body may have at most {MAX_BODY_BYTES} bytes.")
    return body
