"""How tests hear a stream: one listener or more, and what each was told."""

import json
from typing import Any

import httpx

from loadtest.listeners import Folded, Listener, Listeners, Message
from tests.eventually import eventually_async

SOON_S = 5.0
RETRY_S = 0.1


def listen(url: str, path: str, count: int = 1) -> Listeners:
    """Return listeners, not yet begun, that come back soon after a lost connection."""
    return Listeners(url, path, count, longest_retry_s=RETRY_S)


async def heard(listener: Listener, count: int) -> list[Message]:
    """Return the first ``count`` messages, once they are there."""

    async def enough() -> list[Message]:
        assert len(listener.heard) >= count, listener.heard
        return listener.heard[:count]

    return await eventually_async(enough, within_s=SOON_S)


async def shows(listener: Listener, **seats: str) -> Folded:
    """Return what the listener's messages add up to, once these seats are what is asked for."""

    async def shown() -> Folded:
        folded = Folded(listener.heard)
        assert {seat_id: folded.seats.get(seat_id) for seat_id in seats} == seats
        assert not folded.backwards
        return folded

    return await eventually_async(shown, within_s=SOON_S)


def data(message: Message) -> dict[str, Any]:
    return dict(json.loads(message.data))


async def first_bytes(url: str, path: str, *, until: str = "\n\n", **headers: str) -> tuple[httpx.Response, str]:
    """Open a stream, return its head and what comes first, to the end of a message or to this text, and go."""
    async with (
        httpx.AsyncClient(base_url=url) as client,
        client.stream("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}) as head,
    ):
        text = ""
        async for more in head.aiter_text():
            text += more
            if until in text:
                break
    return head, text


async def get(url: str, path: str, method: str = "GET") -> httpx.Response:
    """Ask for a page."""
    async with httpx.AsyncClient(base_url=url) as client:
        return await client.request(method, path)
