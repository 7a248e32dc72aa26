"""Stream: one client's answer that does not end by itself.

An ASGI response of ours and not sse-starlette's, for what 2,000 of them cost (docs/decisions/0018-live-streams.md). It
ends when the client goes, when its channel closes, or when the client does not read.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from read_api.declared import EVENT_STREAM
from read_api.live import metrics
from read_api.live.channel import Channel

SLOW_AFTER_S: Final = 10.0
"""A client whose connection takes nothing for so long is let go; the gateway does it after as long."""
LOOK_EVERY_S: Final = 1.0


class Streams:
    """The streams of this process. ``room`` says whether there may be another."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._open: set[Stream] = set()
        self._looking: asyncio.TimerHandle | None = None

    def room(self) -> bool:
        """Tell whether another one may be opened."""
        return len(self._open) < self._at_most

    def enter(self, stream: "Stream") -> None:
        """Count a stream, and see to it that it moves."""
        self._open.add(stream)
        metrics.OPEN.labels(stream.channel.subject.kind).inc()
        if self._looking is None:
            self._look()

    def leave(self, stream: "Stream") -> None:
        """Count it no longer."""
        self._open.discard(stream)
        metrics.OPEN.labels(stream.channel.subject.kind).dec()

    def _look(self) -> None:
        """Let those go whose client does not read: one timer for all of them."""
        since = time.monotonic() - SLOW_AFTER_S
        for stream in [stream for stream in self._open if stream.sending_since < since]:
            stream.drop()
        self._looking = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._look) if self._open else None


class Stream(Response):
    """The answer. ``first``: what this client is told before the channel's messages from ``place`` on."""

    media_type = EVENT_STREAM

    def __init__(
        self, streams: Streams, channel: Channel, *, place: int, first: Sequence[bytes], headers: Mapping[str, str]
    ) -> None:
        self.status_code = HTTPStatus.OK
        self.background = None
        self.init_headers(headers)
        self.channel = channel
        self.sending_since = float("inf")
        self._streams = streams
        self._place = place
        self._first = first
        self._task: asyncio.Task[None] | None = None
        self._let_go = False

    def drop(self) -> None:
        """Let the client go: it has what its last id says, and can come back with it.

        Nothing can be sent to say so, so uvicorn closes the connection, with a line in the log.
        """
        if not self._let_go:
            metrics.DROPPED.labels(self.channel.subject.kind).inc()
            self._end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until it is over."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body"})
            return
        self._task = asyncio.current_task()
        gone = asyncio.create_task(self._until_gone(receive))
        self._streams.enter(self)
        self.channel.streams += 1
        try:
            await self._tell(send)
        except asyncio.CancelledError:
            if not self._let_go or self._task is None:
                raise  # the server's own wish
            self._task.uncancel()
        finally:
            gone.cancel()
            self.channel.streams -= 1
            self.channel.left_at = time.monotonic()
            self._streams.leave(self)

    async def _tell(self, send: Send) -> None:
        # Not kept while the stream is open: a snapshot is everybody's, and may be large.
        first, self._first = self._first, ()
        for text in first:
            await self._send(send, text)
        del first, text
        channel = self.channel
        while True:
            await channel.news(self._place)
            end = channel.end
            if end == self._place:
                break  # closed, and everything was told
            missing = channel.since(self._place)
            if missing is None:
                metrics.DROPPED.labels(channel.subject.kind).inc()
                break
            self._place = end
            await self._send(send, missing)
        await send({"type": "http.response.body"})

    async def _send(self, send: Send, text: bytes) -> None:
        self.sending_since = time.monotonic()
        await send({"type": "http.response.body", "body": text, "more_body": True})
        self.sending_since = float("inf")

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end()

    def _end(self) -> None:
        self._let_go = True
        if self._task is not None:
            self._task.cancel()
