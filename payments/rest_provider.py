"""A provider over HTTP, in the form that the built-in test provider has: paths, fields and errors as Stripe names them.

``cashier`` enters through the protocol in ``provider``. Another provider is another module like this one. What is sent
is never logged: the token is in it.
"""

from typing import Any, Final, Self

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from payments.provider import Answer, IntentStatus, Order, ProviderAwayError, ProviderRefusedError

CONNECT_WITHIN_S: Final = 2.0
ANSWER_WITHIN_S: Final = 10.0
"""Banks are slow; a sixth of the time that a booking is paying."""
CONNECTIONS: Final = 32
"""Twice as many as steps are made at once."""

_TRY_AGAIN: Final = frozenset({408, 409, 425, 429})
"""Besides everything from 500 on. 409: a call with the same key is under way."""
_NOT_OURS_TO_MEND: Final = frozenset({401, 403, 404, 405})
"""Our key or our address is wrong: nothing can be concluded about the payment."""


class Intent(BaseModel):
    """An intent as the provider shows it, in answers and in webhooks."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    status: IntentStatus
    amount_received: int = 0
    amount_refunded: int = 0
    metadata: dict[str, str] = {}

    @property
    def answer(self) -> Answer:
        """What it tells."""
        return Answer(self.id, self.status, self.amount_received, self.amount_refunded)


class RestProvider:
    """``url``: where the provider's API is, without ``/v1``; ``api_key`` goes with every call."""

    def __init__(self, url: str, api_key: SecretStr) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key.get_secret_value()}"},
            timeout=httpx.Timeout(ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S),
            limits=httpx.Limits(max_connections=CONNECTIONS),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._client.aclose()

    async def authorise(self, order: Order) -> Answer:
        """Make an intent with manual capture, and confirm it at once."""
        asked = {
            "amount": order.amount_minor,
            "currency": order.currency.lower(),
            "capture_method": "manual",
            "confirm": True,
            "payment_method": order.token,
            "metadata": {"booking_id": order.booking_id, "attempt": str(order.attempt)},
        }
        status, said = await self._call("POST", "/v1/payment_intents", order.key, asked)
        intent = _intent(said)
        if intent is not None:
            return intent.answer
        if 400 <= status < 500:  # noqa: PLR2004 - HTTP's own: it wants nothing of this token, and nothing was made
            return Answer("", IntentStatus.DECLINED)
        raise _unexpected(status)

    async def ask(self, intent_id: str) -> Answer:
        """Return where an intent stands."""
        return await self._about("GET", f"/v1/payment_intents/{intent_id}")

    async def capture(self, intent_id: str, key: str) -> Answer:
        """Take what is authorised."""
        return await self._about("POST", f"/v1/payment_intents/{intent_id}/capture", key)

    async def void(self, intent_id: str, key: str) -> Answer:
        """Let go of what is authorised."""
        return await self._about("POST", f"/v1/payment_intents/{intent_id}/cancel", key)

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> Answer:
        """Give some of it back; where the intent stands then is asked for, since a refund does not say."""
        status, _ = await self._call("POST", "/v1/refunds", key, {"payment_intent": intent_id, "amount": amount_minor})
        if not httpx.codes.is_success(status):
            raise _unexpected(status)
        return await self.ask(intent_id)

    async def _about(self, method: str, path: str, key: str | None = None) -> Answer:
        status, said = await self._call(method, path, key)
        intent = _intent(said)
        if intent is None:
            raise _unexpected(status)
        return intent.answer

    async def _call(
        self, method: str, path: str, key: str | None = None, body: dict[str, Any] | None = None
    ) -> tuple[int, Any]:
        headers = {"Idempotency-Key": key} if key is not None else {}
        try:
            answer = await self._client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            raise ProviderAwayError(type(error).__name__) from error
        if answer.status_code in _TRY_AGAIN or answer.is_server_error:
            msg = f"answered {answer.status_code}"
            raise ProviderAwayError(msg)
        if answer.status_code in _NOT_OURS_TO_MEND:
            raise _unexpected(answer.status_code)
        try:
            return answer.status_code, answer.json()
        except ValueError as error:
            msg = "answered something that is no JSON"
            raise ProviderAwayError(msg) from error


def _intent(said: Any) -> Intent | None:  # noqa: ANN401 - any JSON
    """Return the intent in an answer: the answer itself, or what an error says of where it stands."""
    if isinstance(said, dict) and isinstance(said.get("error"), dict):
        said = said["error"].get("payment_intent")
    try:
        return Intent.model_validate(said)
    except ValidationError:
        return None


def _unexpected(status: int) -> ProviderRefusedError:
    return ProviderRefusedError(f"the provider answered {status}")
