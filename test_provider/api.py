"""The provider's API: paths, fields and errors as Stripe names them, with JSON bodies.

``payments`` enters here. An error is ``{"error": {"code", "payment_intent"}}``; where an intent is not in a state for a
call, the error says in which it is.
"""

import hmac
from typing import Annotated, Any, Final

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from runtime.postgres import PostgresAwayError
from test_provider import intents
from test_provider.books import Asked, Books, KeyReusedError
from test_provider.intents import Intent, UnexpectedStateError
from test_provider.postman import Postman
from test_provider.tokens import DECLINED, behaviour_of

PREFIX: Final = "/v1"

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


class NewIntent(BaseModel):
    """What an intent is made of; only what Frontrow asks for is built: manual capture, confirmed at once."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(ge=1, lt=2**53)]
    currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")]
    capture_method: Annotated[str, Field(pattern="^manual$")]
    confirm: bool
    payment_method: str
    metadata: dict[str, str] = {}


class NewRefund(BaseModel):
    """Give back some of an intent's amount."""

    model_config = ConfigDict(extra="forbid")

    payment_intent: str
    amount: Annotated[int, Field(ge=1)]


class Api:
    """The routes. ``api_key`` is what a caller must bring."""

    def __init__(self, books: Books, postman: Postman, api_key: SecretStr) -> None:
        self._books = books
        self._postman = postman
        self._bearer = f"Bearer {api_key.get_secret_value()}".encode()

    def add_to(self, app: FastAPI) -> None:
        """Route them; who brings no key, or comes while the books cannot be read, is told so before."""
        app.post(f"{PREFIX}/payment_intents")(self.make)
        app.get(f"{PREFIX}/payment_intents/{{intent_id}}")(self.find)
        app.post(f"{PREFIX}/payment_intents/{{intent_id}}/capture")(self.capture)
        app.post(f"{PREFIX}/payment_intents/{{intent_id}}/cancel")(self.cancel)
        app.post(f"{PREFIX}/refunds")(self.refund)

        @app.middleware("http")
        async def guarded(request: Request, call_next: Any) -> Any:  # noqa: ANN401 - the framework's
            given = request.headers.get("authorization", "").encode()
            if request.url.path.startswith(PREFIX) and not hmac.compare_digest(given, self._bearer):
                return _error(401, "api_key_invalid")
            try:
                return await call_next(request)
            except PostgresAwayError:
                return _error(503, "unavailable")

    async def make(self, asked: NewIntent, idempotency_key: Key) -> JSONResponse:
        """Make an intent and confirm it."""
        behaviour = behaviour_of(asked.payment_method)
        if behaviour is None:
            return _error(400, "resource_missing")
        try:
            intent = await self._books.make(
                idempotency_key,
                Asked(asked.amount, asked.currency, asked.metadata, asked.payment_method),
                behaviour,
            )
        except KeyReusedError:
            return _error(400, "idempotency_key_in_use")
        if behaviour.webhook_first:
            await self._postman.deliver_due()
        self._postman.wake()
        return _error(402, "card_declined", intent) if intent.status == DECLINED else _answer(intent)

    async def find(self, intent_id: str) -> JSONResponse:
        """Say where an intent stands."""
        return _answer(await self._books.find(intent_id))

    async def capture(self, intent_id: str) -> JSONResponse:
        """Take what is reserved."""
        return await self._change(intent_id, intents.captured)

    async def cancel(self, intent_id: str) -> JSONResponse:
        """Let go of what is reserved."""
        return await self._change(intent_id, intents.canceled)

    async def refund(self, asked: NewRefund, idempotency_key: Key) -> JSONResponse:
        """Give some of it back."""
        try:
            intent = await self._books.refund(asked.payment_intent, asked.amount, idempotency_key)
        except UnexpectedStateError as error:
            return _error(400, "charge_already_refunded", error.intent)
        if intent is None:
            return _error(404, "resource_missing")
        self._postman.wake()
        said = {"object": "refund", "payment_intent": intent.id, "amount": asked.amount, "status": "succeeded"}
        return JSONResponse(said)

    async def _change(self, intent_id: str, change: Any) -> JSONResponse:  # noqa: ANN401 - one of ``intents``
        try:
            intent = await self._books.change(intent_id, change)
        except UnexpectedStateError as error:
            return _error(400, "payment_intent_unexpected_state", error.intent)
        self._postman.wake()
        return _answer(intent)


def _answer(intent: Intent | None) -> JSONResponse:
    return _error(404, "resource_missing") if intent is None else JSONResponse(intents.shown(intent))


def _error(status: int, code: str, intent: Intent | None = None) -> JSONResponse:
    shown = intents.shown(intent) if intent is not None else None
    return JSONResponse({"error": {"code": code, "payment_intent": shown}}, status)
