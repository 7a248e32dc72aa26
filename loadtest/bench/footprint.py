"""Footprint: what an idle platform keeps in memory, and how long it takes to be healthy again after a stop."""

import time
from dataclasses import dataclass
from typing import Final

import httpx

from infra.native.instance import SERVICES, STORES, Instance
from loadtest.bench import processes

SERVERS: Final = (*STORES, "gateway")
_ANSWER_WITHIN_S: Final = 5.0


@dataclass(frozen=True)
class Footprint:
    """MB by program: servers with all their processes (shared pages counted once), and our own processes."""

    servers_mb: dict[str, float]
    python_mb: dict[str, float]


def start(instance: Instance) -> float:
    """Start everything, demo events included; returns the seconds until the gateway says that all is healthy.

    Raises:
        RuntimeError: it says something else.
    """
    started = time.monotonic()
    instance.start()
    health = httpx.get(f"http://127.0.0.1:{instance.ports.gateway}/health", timeout=_ANSWER_WITHIN_S)
    if health.status_code != httpx.codes.OK:
        msg = f"the platform is not healthy: {health.text}"
        raise RuntimeError(msg)
    return time.monotonic() - started


def measure(instance: Instance) -> Footprint:
    """Look at every process of the instance."""
    pids = {name: state.pid for name, state in instance.status().items() if state.pid}
    return Footprint(
        {name: processes.proportional_mb(pids[name]) for name in SERVERS},
        {name: processes.resident_mb(pid) for name, pid in pids.items() if name.startswith(SERVICES)},
    )
