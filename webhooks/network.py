"""Network: connections to endpoints, only ever to an address that was checked.

``sending`` enters here, through httpcore, which asks for a connection to a name. The name is resolved once, every
address that it has is checked (one that is refused refuses them all), and the connection is made to one of those very
addresses: nothing looks the name up a second time, so that an answer that changes in between cannot lead into our
network (test: ``test_a_name_that_changes_its_address_is_not_followed``). TLS is still about the name.

Looking a name up blocks a thread of its own pool for as long as the resolver likes, so that slow names keep each other
waiting and nobody else.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpcore
from httpcore import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream

from webhooks.addresses import is_public

LOOK_UP_WITHIN_S: Final = 2.0
"""Whoever names a new URL waits for it, and nobody waits for more than three seconds; a delivery is tried again."""
LOOK_UPS_AT_ONCE: Final = 32
"""Threads: a few more than attempts whose names take long, of endpoints that fail one attempt at a time."""
MOST_ADDRESSES: Final = 4
"""How many of a name's addresses are tried; with one time-out each the attempt's own bound is near."""

LookUp = Callable[[str, int], Sequence[str]]


class RefusedAddressError(Exception):
    """The name leads to an address that deliveries are not sent to."""


class UnknownNameError(Exception):
    """The name has no address, or nobody said so in time."""


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the system's resolver gives them; blocks."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedBackend(AsyncNetworkBackend):
    """Connects to checked addresses alone; ``allow_private``: to any."""

    def __init__(self, *, allow_private: bool, look_up: LookUp = look_up) -> None:
        self._allow_private = allow_private
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, "look-up")
        self._plain = AnyIOBackend()

    async def addresses_of(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name (or the one that it is), all of them checked.

        Raises:
            RefusedAddressError, UnknownNameError: see there.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_S):
                found = await loop.run_in_executor(self._threads, self._look_up, host, port)
        except (OSError, UnicodeError, TimeoutError):
            raise UnknownNameError from None
        if not found:
            raise UnknownNameError
        if not self._allow_private and not all(map(is_public, found)):
            raise RefusedAddressError
        return list(found)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own interface
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to one of the name's addresses."""
        failure: Exception = UnknownNameError()
        for address in (await self.addresses_of(host, port))[:MOST_ADDRESSES]:
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def close(self) -> None:
        """Wait for no name any more; safe to call twice."""
        self._threads.shutdown(wait=False, cancel_futures=True)
