"""Sending: one attempt at one delivery, and what came of it.

``deliverer`` enters here. An attempt has one bound in time, reads a bounded piece of the answer and keeps none of it,
follows no redirect, takes no proxy from the environment, and connects only through ``network``. Whatever goes wrong
with an endpoint is an ``Answer``, by a word of a closed list: no text of an exception, which might tell its owner about
our network.
"""

import asyncio
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpcore

from webhooks import metrics, signing
from webhooks.addresses import HTTP_PORT, HTTPS_PORT, RefusedUrlError, Target, target_of
from webhooks.network import CheckedBackend, RefusedAddressError, UnknownNameError
from webhooks.schedule import Answer

ANSWER_WITHIN_S: Final = 15.0
"""For the whole attempt; the specification recommends 15 to 30 s."""
CONNECT_WITHIN_S: Final = 5.0
"""For one address, TLS apart."""
MOST_OF_AN_ANSWER: Final = 64 * 1024
"""Bytes that are read (and thrown away) so that the connection can be used again; after these it is closed."""
CONNECTIONS: Final = 300
"""In all; above ``deliverer.AT_ONCE``, so that nobody waits here."""
KEPT_FOR_S: Final = 5.0
"""An idle connection: a burst of deliveries needs one TLS handshake."""

USER_AGENT: Final = "Frontrow-Webhooks/1"

TIMEOUT, NO_NAME, REFUSED_ADDRESS, NO_CONNECTION, TLS, NO_HTTP = (
    "timeout",
    "unknown_name",
    "refused_address",
    "connection_failed",
    "tls_failed",
    "no_http_answer",
)


class Sender:
    """Sends to every endpoint. Belongs to one event loop."""

    def __init__(self, network: CheckedBackend, *, allow_private: bool, trust: ssl.SSLContext) -> None:
        self._network = network
        self._allow_private = allow_private
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust,
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS // 4,
            keepalive_expiry=KEPT_FOR_S,
            network_backend=network,
        )

    async def send(self, url: str, delivery_id: str, body: str, secrets: Sequence[bytes]) -> Answer:
        """Make one attempt."""
        began = time.perf_counter()
        with metrics.UNDER_WAY.track_inprogress():
            answer = await self._answer(url, signing.headers(delivery_id, body, secrets, datetime.now(UTC)), body)
        metrics.ATTEMPT_SECONDS.observe(time.perf_counter() - began)
        metrics.ATTEMPTS.labels("delivered" if answer.delivered else answer.error or "refused").inc()
        return answer

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._pool.aclose()
        self._network.close()

    async def _answer(self, url: str, headers: dict[str, str], body: str) -> Answer:
        try:
            target = target_of(url, allow_private=self._allow_private)
        except RefusedUrlError:  # it was made while more was allowed
            return Answer(None, REFUSED_ADDRESS)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._post(target, headers, body.encode())
        except _FAILURES as error:
            return Answer(None, _word_of(error))

    async def _post(self, target: Target, headers: dict[str, str], body: bytes) -> Answer:
        sent = {"Host": _host_of(target), "Content-Type": "application/json", "User-Agent": USER_AGENT} | headers
        async with self._pool.stream(
            "POST",
            httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
            headers=list(sent.items()),
            content=body,
            extensions={
                "timeout": {"connect": CONNECT_WITHIN_S, "read": ANSWER_WITHIN_S, "write": ANSWER_WITHIN_S},
            },
        ) as answer:
            read = 0
            async for piece in answer.aiter_stream():
                read += len(piece)
                if read > MOST_OF_AN_ANSWER:
                    break
            return Answer(answer.status, None, _retry_after_s(answer.headers, datetime.now(UTC)))


_FAILURES: Final = (
    RefusedAddressError,
    UnknownNameError,
    TimeoutError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
)


def _word_of(error: Exception) -> str:
    match error:
        case RefusedAddressError():
            return REFUSED_ADDRESS
        case UnknownNameError():
            return NO_NAME
        case TimeoutError() | httpcore.TimeoutException():
            return TIMEOUT
        case httpcore.ProtocolError():
            return NO_HTTP
        case _:
            return TLS if _is_tls(error) else NO_CONNECTION


def _host_of(target: Target) -> str:
    name = f"[{target.host}]" if ":" in target.host else target.host
    usual = HTTPS_PORT if target.scheme == "https" else HTTP_PORT
    return name if target.port == usual else f"{name}:{target.port}"


def _is_tls(error: BaseException | None) -> bool:
    """Tell TLS from TCP: httpcore has one error for both, and the cause below it."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _retry_after_s(headers: Sequence[tuple[bytes, bytes]], now: datetime) -> int | None:
    """Return for how long an answer asks to be left alone: seconds or a date (RFC 9110, 10.2.3)."""
    for name, value in headers:
        if name.lower() == b"retry-after":
            return _seconds(value.decode("latin-1").strip(), now)
    return None


def _seconds(text: str, now: datetime) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0, int((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()))
