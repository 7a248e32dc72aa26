"""Probes: a few customers amid a crowd, who book at their time, follow each booking to its outcome, and note when.

The overload scenario enters here. A crowd's generator cannot follow hundreds of thousands of bookings; some dozens a
second of the same kind, through the same gateway and its limits, are a fair sample of them. They run in a process of
their own, so that no generator delays them. Times are ``time.monotonic()``, which all processes share.
"""

import asyncio
import time
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple

import httpx

from loadtest.bench.apart import Apart
from loadtest.bench.closed_loop import Seats

PER_S: Final = 40
FOLLOWED_S: Final = 30.0
"""After so long without an outcome a booking counts as never shown."""
ANSWER_WITHIN_S: Final = 10.0
ASK_AGAIN_S: Final = 0.05
MOST_CONNECTIONS: Final = 2_000

ACCEPTED: Final = 202
NO_ANSWER: Final = 0
NEVER: Final = float("inf")


class Probe(NamedTuple):
    """One booking: when it was due and answered, how, and when its outcome was seen; infinity for never."""

    due: float
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
    pipe.send(None)
    pipe.send(asyncio.run(_probe(pipe, url, seats)))


async def _probe(pipe: Connection, url: str, seats: Seats) -> list[Probe]:
    limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_WITHIN_S, limits=limits) as client:
        began, probes = time.monotonic(), list[asyncio.Task[Probe]]()
        while not pipe.poll():
            due = began + len(probes) / PER_S
            await asyncio.sleep(max(due - time.monotonic(), 0))
            probes.append(asyncio.create_task(_book(client, due, _body(seats, len(probes)))))
        return await asyncio.gather(*probes)


async def _book(client: httpx.AsyncClient, due: float, body: dict[str, str]) -> Probe:
    try:
        answer = await client.post("/api/book", json=body)
    except httpx.TransportError:
        return Probe(due, time.monotonic(), NO_ANSWER, NEVER)
    answered = time.monotonic()
    if answer.status_code != ACCEPTED:
        return Probe(due, answered, answer.status_code, NEVER)
    shown = await _shown(client, answer.json()["status_url"], answered + FOLLOWED_S)
    return Probe(due, answered, answer.status_code, shown)


async def _shown(client: httpx.AsyncClient, path: str, until: float) -> float:
    while time.monotonic() < until:
        try:
            answer: Any = (await client.get(path, params={"wait": 5})).json()
        except httpx.TransportError:
            answer = {}
        if answer.get("status") not in {None, "pending", 503}:
            return time.monotonic()
        await asyncio.sleep(ASK_AGAIN_S)
    return NEVER


def _body(seats: Seats, number: int) -> dict[str, str]:
    hall, seat = number % seats.halls, number // seats.halls % seats.seats + 1
    return {"userId": f"probe-{number}", "eventId": f"{seats.prefix}{hall}", "seatId": f"S{seat}"}
