"""Transports: carry a call's steps out with httpx, at once or awaited. All of this package's I/O and waiting is here.

Programs enter here. ``http`` is a ready httpx client for whoever needs proxies, certificates or limits of connections;
it is then closed by its owner. Otherwise each client has its own and closes it.
"""

import random
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Self, TypeVar

import anyio
import httpx

from frontrow_client.calls import Calls, new_key
from frontrow_client.memory import Memory
from frontrow_client.patience import Patience, Settling
from frontrow_client.steps import Answer, Hear, Heard, Listen, Lost, Pause, Reply, Request, Steps, Tell, Telling

T = TypeVar("T")

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Failures before the first byte; after any other one, the request may have arrived."""
CONNECTED_WITHIN_S: Final = 6.0
"""As long as one attempt of a call takes at most."""
DEFAULT_URL: Final = "http://localhost:8080"
DEFAULT_PATIENCE: Final = Patience()


class Client(Calls):
    """Frontrow for whoever waits for each call. Threads may share one.

    ``turn``: entered while the session is renewed, by one thread at a time unless it sees to that itself; for programs
    that share a session, which is renewed once.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        user_id: str | None = None,
        patience: Patience = DEFAULT_PATIENCE,
        http: httpx.Client | None = None,
        turn: AbstractContextManager[Any] | None = None,
        hears: Callable[[Answer], object] | None = None,
    ) -> None:
        super().__init__(Settling(patience, random.SystemRandom()), Memory(), user_id=user_id, keys=new_key)
        self._owns_http = http is None
        self._hears = hears or (lambda _: None)
        self._http = http or httpx.Client(base_url=url, cookies=_no_cookies())
        self._turn = turn or threading.Lock()

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

    def tell(self, telling: Telling[T], /) -> Generator[T, None, None]:
        """Carry out a stream's steps and yield what they tell; ends its line when it is closed."""
        reply: Reply | Heard = None
        more: Iterator[bytes] = iter(())
        with ExitStack() as line:
            while step := _next_step(telling, reply):
                reply = None
                if isinstance(step, Tell):
                    yield step.message
                elif isinstance(step, Pause):
                    line.close()
                    time.sleep(step.seconds)
                elif isinstance(step, Listen):
                    line.close()
                    reply, more = self._listen(step, line)
                else:
                    reply = _heard(more)

    def _listen(self, step: Listen, line: ExitStack) -> tuple[Reply, Iterator[bytes]]:
        try:
            response = line.enter_context(self._http.stream(**_line_arguments(step.request)))
            if _goes_on(response):
                return _head(response), response.iter_bytes()
            response.read()
        except httpx.TransportError as error:
            return _lost(error), iter(())
        answer = _answer(response)
        self._hears(answer)
        return answer, iter(())

    def _send(self, request: Request) -> Reply:
        try:
            answer = _answer(self._http.request(**_arguments(request)))
        except httpx.TransportError as error:
            return _lost(error)
        self._hears(answer)
        return answer


class AsyncClient(Calls):
    """Frontrow for whoever awaits each call, on asyncio or trio. The tasks of one event loop may share one."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        user_id: str | None = None,
        patience: Patience = DEFAULT_PATIENCE,
        http: httpx.AsyncClient | None = None,
        hears: Callable[[Answer], object] | None = None,
    ) -> None:
        super().__init__(Settling(patience, random.SystemRandom()), Memory(), user_id=user_id, keys=new_key)
        self._owns_http = http is None
        self._hears = hears or (lambda _: None)
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

    async def tell(self, telling: Telling[T], /) -> AsyncGenerator[T, None]:
        """Carry out a stream's steps and yield what they tell; ends its line when it is closed."""
        reply: Reply | Heard = None
        more: AsyncIterator[bytes] = _nothing()
        async with AsyncExitStack() as line:
            while step := _next_step(telling, reply):
                reply = None
                if isinstance(step, Tell):
                    yield step.message
                elif isinstance(step, Pause):
                    await line.aclose()
                    await anyio.sleep(step.seconds)
                elif isinstance(step, Listen):
                    await line.aclose()
                    reply, more = await self._listen(step, line)
                else:
                    reply = await _heard_later(more)

    async def _listen(self, step: Listen, line: AsyncExitStack) -> tuple[Reply, AsyncIterator[bytes]]:
        try:
            response = await line.enter_async_context(self._http.stream(**_line_arguments(step.request)))
            if _goes_on(response):
                return _head(response), response.aiter_bytes()
            await response.aread()
        except httpx.TransportError as error:
            return _lost(error), _nothing()
        answer = _answer(response)
        self._hears(answer)
        return answer, _nothing()

    async def _send(self, request: Request) -> Reply:
        try:
            answer = _answer(await self._http.request(**_arguments(request)))
        except httpx.TransportError as error:
            return _lost(error)
        self._hears(answer)
        return answer


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
        "content": request.content,
        "timeout": request.timeout_s,
    }


def _line_arguments(request: Request) -> dict[str, Any]:
    """Return the same for a line that stays open: it may be silent for long, but not unconnected."""
    return _arguments(request) | {"timeout": httpx.Timeout(CONNECTED_WITHIN_S, read=request.timeout_s)}


def _next_step(telling: Telling[T], reply: Reply | Heard) -> Listen | Pause | Tell[T] | Hear | None:
    try:
        return telling.send(reply)
    except StopIteration:
        return None


def _heard(more: Iterator[bytes]) -> Heard | Lost:
    try:
        return Heard(next(more, b""))
    except httpx.TransportError as error:
        return _lost(error)


async def _heard_later(more: AsyncIterator[bytes]) -> Heard | Lost:
    try:
        return Heard(await anext(more, b""))
    except httpx.TransportError as error:
        return _lost(error)


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for data in nothing:
        yield data


def _goes_on(response: httpx.Response) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith("text/event-stream")


def _head(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, b"")


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content, response.links.get("next", {}).get("url"))


def _lost(error: httpx.TransportError) -> Lost:
    return Lost(sent=not isinstance(error, _NOT_SENT), why=f"{type(error).__name__}: {error}")
