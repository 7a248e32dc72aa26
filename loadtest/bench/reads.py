"""Reads: public views at the gateway, against static files of the same size that the same NGINX serves.

Rounds of view and file take turns, and the ratio is the median of theirs.
"""

import statistics
from dataclasses import dataclass
from typing import Final

import httpx

from loadtest.bench import closed_loop
from loadtest.bench.rig import Addresses, publish_static

ROUNDS: Final = 3
ROUND_S: Final = 2


@dataclass(frozen=True)
class Read:
    """One view: its size in bytes, how many a second, that against the file, and how many reads of either failed."""

    path: str
    size: int
    per_s: float
    ratio: float
    failed: int


def measure(where: Addresses, path: str) -> Read:
    """Read a view and a file of its size, in turns."""
    body = httpx.get(where.gateway + path, headers={"Accept-Encoding": "identity"}).raise_for_status().content
    file = publish_static(f"{len(body)}.json", body)
    rounds = [
        (closed_loop.read(where.gateway + path, ROUND_S), closed_loop.read(where.gateway + file, ROUND_S))
        for _ in range(ROUNDS)
    ]
    failed = sum(figures.refused + figures.broken for both in rounds for figures in both)
    return Read(
        path,
        len(body),
        statistics.median(view.per_s for view, _ in rounds),
        statistics.median(view.per_s / static.per_s for view, static in rounds),
        failed,
    )
