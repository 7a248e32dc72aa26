"""Replicas: every process behind a service's addresses. ``health`` enters here, with the URLs of one service.

Natively each process has a URL of its own; under compose one name stands for all replicas, and its resolver gives every
address. How many there should be is told, since a replica that is gone has no address any more to be missed at.
"""

import asyncio
import socket
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit


class Replica(NamedTuple):
    """One process: its name for people, and where it is; no URL when it should be there and nobody knows it."""

    name: str
    url: str | None


async def replicas(service: str, urls: Sequence[str], wanted: int) -> list[Replica]:
    """Return the processes of a service, at least ``wanted``. A replica's name stays its own as long as its address."""
    found = [url for urls_of_name in await asyncio.gather(*map(_every, urls)) for url in urls_of_name]
    named = [
        Replica(f"{service}-{number}" if len(found) == len(urls) else f"{service}-{urlsplit(url).hostname}", url)
        for number, url in enumerate(found)
    ]
    return named + [Replica(f"{service}-{number}", None) for number in range(len(named), wanted)]


async def _every(url: str) -> list[str]:
    """Return the URL once for each address of its host; a name that nobody knows stays itself, and is not reached."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(parts.hostname, parts.port, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except OSError:
        return [url]
    return [f"{parts.scheme}://{address}:{parts.port}" for address in sorted({str(place[4][0]) for place in found})]
