"""Reads: public views at the gateway, against static files of the same size that the same NGINX serves; and bookings.

Rounds of view and file take turns. What is asked of bookings is kept nowhere, so each of them is read from MongoDB.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from loadtest.bench import closed_loop
from loadtest.bench.pace import Pace
from loadtest.bench.rig import Addresses, publish_static


@dataclass(frozen=True)
class Read:
    """One view: its size in bytes, each round's reads a second of it and of the file, and how many of either failed."""

    path: str
    size: int
    rounds: Sequence[tuple[float, float]]
    failed: int


def measure(where: Addresses, path: str, pace: Pace) -> Read:
    """Read a view and a file of its size, in turns."""
    body = httpx.get(where.gateway + path, headers={"Accept-Encoding": "identity"}).raise_for_status().content
    file = publish_static(f"{len(body)}.json", body)
    rounds = [
        (closed_loop.read(where.gateway + path, pace.read_s), closed_loop.read(where.gateway + file, pace.read_s))
        for _ in range(pace.rounds)
    ]
    failed = sum(figures.refused + figures.broken for both in rounds for figures in both)
    return Read(path, len(body), [(view.per_s, static.per_s) for view, static in rounds], failed)


def measure_bookings(where: Addresses, booking_ids: Sequence[str], pace: Pace) -> tuple[list[float], int]:
    """Read these bookings one after the other; returns each round's reads a second, and how many of all failed."""
    paths = [f"/api/bookings/{booking_id}" for booking_id in booking_ids]
    rounds = [closed_loop.read_many(where.gateway, paths, pace.read_s) for _ in range(pace.rounds)]
    return [one.per_s for one in rounds], sum(one.refused + one.broken for one in rounds)
