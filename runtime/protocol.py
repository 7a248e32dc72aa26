"""Protocol: uvicorn's HTTP protocol, with head and body of an answer in one call of the kernel.

``runtime.http`` serves with it. uvicorn writes the head when an answer begins and the body when it is there, and uvloop
passes each write on at once. For a short answer the second call costs as much as making the answer, and wakes up
whoever reads it twice. Nothing is kept for longer than one turn of the event loop: the head of a stream, which has
nothing to say yet, leaves by itself.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class JoiningProtocol(HttpToolsProtocol):
    """What answers one connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        """Take a connection."""
        super().connection_made(cast("asyncio.Transport", _Joining(transport, self.loop)))


class _Joining:
    """A transport that keeps a write for the next one of the same turn; in all else the transport that it is given."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: bytes | None = None
        self.is_closing = transport.is_closing  # asked at each request

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - passed on
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, after what was kept; or keep it, for no longer than this turn."""
        if self._kept is None:
            self._kept = data
            self._loop.call_soon(self._flush)
        else:
            kept, self._kept = self._kept, None
            self._transport.writelines((kept, data))

    def writelines(self, parts: Iterable[bytes]) -> None:
        """Write these in turn."""
        self._flush()
        self._transport.writelines(parts)

    def close(self) -> None:
        """Write what was kept, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._kept is not None:
            kept, self._kept = self._kept, None
            if not self._transport.is_closing():  # whoever it was for has gone
                self._transport.write(kept)
