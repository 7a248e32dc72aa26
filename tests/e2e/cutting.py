"""A proxy before the gateway that cuts connections after a random number of bytes, in either direction."""

import asyncio
import random
from typing import Final

from tests.integration.proxy import CHUNK_BYTES, Proxy

CUT_OF_TEN: Final = 5
"""So many of ten directions of a connection are cut: of six connections at least one, in all but one run of 4,000."""
CUT_WITHIN_BYTES: Final = 900
"""A booking's request has about 300 bytes and its answer about 700."""


class CuttingProxy(Proxy):
    """Counts its cuts; ``dice`` say where they are."""

    def __init__(self, host: str, port: int, dice: random.Random) -> None:
        super().__init__(host, port)
        self._dice = dice
        self.cuts = 0

    async def _pass(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        other: asyncio.StreamWriter,  # noqa: ARG002 - both directions end by what is raised
        *,
        answers: bool = False,  # noqa: ARG002 - either may be cut
    ) -> None:
        left = self._dice.randint(0, CUT_WITHIN_BYTES) if self._dice.randrange(10) < CUT_OF_TEN else None
        try:
            while data := await source.read(CHUNK_BYTES):
                sink.write(data if left is None else data[:left])
                await sink.drain()
                if left is not None and (left := left - len(data)) <= 0:
                    self.cuts += 1
                    raise ConnectionAbortedError  # ends both directions
        finally:
            sink.close()
