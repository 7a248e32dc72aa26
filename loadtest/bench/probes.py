"""Probes: a few customers amid a crowd, who book at their time, follow each booking to its outcome, and note when.

The overload scenario enters here. A crowd's generator cannot follow hundreds of thousands of bookings; some dozens a
second of the same kind, through the same gateway and its limits, are a fair sample of them. They run in a process of
their own, so that no generator delays them. Times are ``time.monotonic()``, which all processes share.
"""

import asyncio
import json
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from loadtest.bench.apart import Apart
from loadtest.bench.closed_loop import Seats
from loadtest.loopback import refuse_unless_loopback

PER_S: Final = 40
FOLLOWED_S: Final = 30.0
"""After so long without an outcome a booking counts as never shown."""
ANSWER_WITHIN_S: Final = 10.0
ASK_AGAIN_S: Final = 0.05

ACCEPTED: Final = 202
SHOWN: Final = 200
NO_ANSWER: Final = 0
NEVER: Final = float("inf")


class Probe(NamedTuple):
    """One booking: when it was due, left and was answered, how, and when its outcome was seen; infinity for never."""

    due: float
    left: float
    answered: float
    status: int
    shown: float


class Probes(Apart):
    """A context manager around the probing process; ``collect`` ends it and returns what the customers saw."""

    def __init__(self, url: str, seats: Seats) -> None:
        super().__init__(probe, url, seats)

    def collect(self) -> list[Probe]:
        """Return all probes, in the order in which they were due."""
        return [Probe(*one) for one in self.ask("collect", FOLLOWED_S + 2 * ANSWER_WITHIN_S)]


def probe(pipe: Connection, url: str, seats: Seats) -> None:
    """Book until told to stop, then tell what was seen."""
    refuse_unless_loopback(url)
    pipe.send(None)
    pipe.send(asyncio.run(_probe(pipe, url, seats)))


async def _probe(pipe: Connection, url: str, seats: Seats) -> list[Probe]:
    began, probes = time.monotonic(), list[asyncio.Task[Probe]]()
    while not pipe.poll():
        due = began + len(probes) / PER_S
        await asyncio.sleep(max(due - time.monotonic(), 0))
        probes.append(asyncio.create_task(_book(url, due, _body(seats, len(probes)))))
    return await asyncio.gather(*probes)


async def _book(url: str, due: float, body: dict[str, str]) -> Probe:
    left = time.monotonic()
    try:
        status, answer = await ask(url, "POST", "/api/book", json.dumps(body).encode())
    except (OSError, EOFError):
        return Probe(due, left, time.monotonic(), NO_ANSWER, NEVER)
    answered = time.monotonic()
    if status != ACCEPTED:
        return Probe(due, left, answered, status, NEVER)
    shown = await _shown(url, json.loads(answer)["status_url"], answered + FOLLOWED_S)
    return Probe(due, left, answered, status, shown)


async def _shown(url: str, path: str, until: float) -> float:
    while time.monotonic() < until:
        with suppress(OSError, EOFError):
            status, answer = await ask(url, "GET", f"{path}?wait=5")
            if status == SHOWN and json.loads(answer)["status"] != "pending":
                return time.monotonic()
        await asyncio.sleep(ASK_AGAIN_S)
    return NEVER


async def ask(url: str, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """Return the status and body of an answer; each question has a connection of its own, as each customer has.

    By hand, since the pool of httpx takes 20 ms of the processor for each request where hundreds are under way: the
    probes would then measure themselves, and take a processor from the platform.

    Raises:
        OSError: it does not answer, or not in time.
        EOFError: it ended the connection first.
    """
    to = urlsplit(url)
    head = f"{method} {path} HTTP/1.1\r\nHost: {to.netloc}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n" if body else "\r\n"
    async with asyncio.timeout(ANSWER_WITHIN_S):
        reader, writer = await asyncio.open_connection(to.hostname, to.port)
        try:
            writer.write(head.encode() + body)
            answered = await reader.readuntil(b"\r\n\r\n")
            return int(answered.split(b" ", 2)[1]), await reader.read(-1)
        finally:
            writer.close()


def _body(seats: Seats, number: int) -> dict[str, str]:
    hall, seat = number % seats.halls, number // seats.halls % seats.seats + 1
    return {"userId": f"probe-{number}", "eventId": f"{seats.prefix}{hall}", "seatId": f"S{seat}"}
