"""Faults of what stores hold: Redis flushed, or started anew with nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import redis

from infra.secrets.files import read
from tests.faults.run.fault import Fault, Scene


@contextmanager
def flushed(scene: Scene) -> Iterator[None]:
    """Forget every lock, fingerprint and announced outcome, and every script."""
    instance = scene.site.instance
    url = f"redis://127.0.0.1:{instance.ports.redis}/0"
    with redis.Redis.from_url(url, password=read(instance.home, "redis", "redis_password")) as client:
        client.flushall()
        client.script_flush()
    yield


@contextmanager
def restarted_empty(scene: Scene) -> Iterator[None]:
    """Stop Redis and start it: it keeps nothing."""
    scene.site.instance.restart("redis")
    yield


FAULTS: Final = (
    Fault("flush redis", flushed, frozenset({"redis"}), weight=2),
    Fault("restart redis empty", restarted_empty, frozenset({"redis"})),
)
