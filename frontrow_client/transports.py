"""Transports: carry a call's steps out with httpx, at once or awaited. All of this package's I/O and waiting is here.

Programs enter here. ``http`` is a ready httpx client for whoever needs proxies, certificates or limits of connections;
it is then closed by its owner. Otherwise each client has its own and closes it.
"""

import random
import threading
import time
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Self, TypeVar

import anyio
import httpx

from frontrow_client.calls import Calls, new_key
from frontrow_client.memory import Memory
from frontrow_client.patience import Patience, Settling
from frontrow_client.steps import Answer, Lost, Pause, Reply, Request, Steps

T = TypeVar("T")

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Failures before the first byte; after any other one, the request may have arrived."""
DEFAULT_URL: Final = "http://localhost:8080"
DEFAULT_PATIENCE: Final = Patience()


class Client(Calls):
    """Frontrow for whoever waits for each call. Threads may share one."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        user_id: str | None = None,
        patience: Patience = DEFAULT_PATIENCE,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(Settling(patience, random.SystemRandom()), Memory(), user_id=user_id, keys=new_key)
        self._owns_http = http is None
        self._http = http or httpx.Client(base_url=url, cookies=_no_cookies())
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; twice is harmless."""
        if self._owns_http:
            self._http.close()

    def run(self, steps: Steps[T], /) -> T:
        """Carry out steps and return what they return."""
        reply: Reply = None
        try:
            while True:
                step = steps.send(reply)
                reply = None
                if isinstance(step, Request):
                    reply = self._send(step)
                elif isinstance(step, Pause):
                    time.sleep(step.seconds)
                else:
                    with self._turn:
                        self.run(step.steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's value is untyped in its end

    def _send(self, request: Request) -> Reply:
        try:
            return _answer(self._http.request(**_arguments(request)))
        except httpx.TransportError as error:
            return _lost(error)


class AsyncClient(Calls):
    """Frontrow for whoever awaits each call, on asyncio or trio. The tasks of one event loop may share one."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        user_id: str | None = None,
        patience: Patience = DEFAULT_PATIENCE,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(Settling(patience, random.SystemRandom()), Memory(), user_id=user_id, keys=new_key)
        self._owns_http = http is None
        self._http = http or httpx.AsyncClient(base_url=url, cookies=_no_cookies())
        self._turn = anyio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; twice is harmless."""
        if self._owns_http:
            await self._http.aclose()

    async def run(self, steps: Steps[T], /) -> T:
        """Carry out steps and return what they return."""
        reply: Reply = None
        try:
            while True:
                step = steps.send(reply)
                reply = None
                if isinstance(step, Request):
                    reply = await self._send(step)
                elif isinstance(step, Pause):
                    await anyio.sleep(step.seconds)
                else:
                    async with self._turn:
                        await self.run(step.steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's value is untyped in its end

    async def _send(self, request: Request) -> Reply:
        try:
            return _answer(await self._http.request(**_arguments(request)))
        except httpx.TransportError as error:
            return _lost(error)


def _no_cookies() -> CookieJar:
    """Return a jar that takes none: a session is its tokens, and nothing is to be asked in the name of an old one."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def _arguments(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.path,
        "params": request.params,
        "headers": request.headers,
        "json": request.json,
        "timeout": request.timeout_s,
    }


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content, response.links.get("next", {}).get("url"))


def _lost(error: httpx.TransportError) -> Lost:
    return Lost(sent=not isinstance(error, _NOT_SENT), why=f"{type(error).__name__}: {error}")
