"""The tests' own Frontrow: a native instance of its own home and ports, started from nothing once per pytest session.

It runs beside a platform that somebody uses. Integration tests take its stores, e2e and fault tests all of it. Its logs
stay behind for whoever looks at a failure; the next session begins by removing them. Two sessions at once need homes
and ports of their own: those of pytest-xdist have them, others are told ``FRONTROW_TEST_HOME``, ``FRONTROW_TEST_PORT``,
``FRONTROW_TEST_BASE_PORT``. With
``FRONTROW_TEST_LENT`` the instance there is somebody else's (``make sabotage``'s): used as it is, and left as it is.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.native.instance import Instance
from infra.native.services import inherited

CHECKOUT = Path(__file__).resolve().parents[1]
PORT_APART, BASE_PORT_APART = 10, 1_500
"""How far the ports of sessions that run side by side lie from each other."""
QUICK_JAVA = "-XX:TieredStopAtLevel=1"
"""Kafka's Java compiles once and not twice: no broker of a test lives for long enough to gain by more. It gets there
by our own environment, which the supervisor hands on."""


def environment() -> Mapping[str, str]:
    """Return what the instance is told: nothing of a platform's own ``FRONTROW_*`` variables."""
    home = os.environ.get("FRONTROW_TEST_HOME", str(CHECKOUT / ".frontrow" / "test"))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return inherited() | {
        "FRONTROW_HOME": f"{home}-{number + 1}" if number else home,
        "FRONTROW_PORT": str(int(os.environ.get("FRONTROW_TEST_PORT", "8180")) + number * PORT_APART),
        "FRONTROW_BASE_PORT": str(int(os.environ.get("FRONTROW_TEST_BASE_PORT", "18200")) + number * BASE_PORT_APART),
        # Our receivers listen on loopback.
        "FRONTROW_WEBHOOKS_ALLOW_PRIVATE": "on",
    }


@contextmanager
def of_this_session() -> Iterator[Instance]:
    """Yield the instance, not started, with nothing left of an earlier session; stop it at the end."""
    os.environ.setdefault("JDK_JAVA_OPTIONS", QUICK_JAVA)
    instance = Instance.from_environment(environment())
    if os.environ.get("FRONTROW_TEST_LENT"):
        yield instance
        return
    instance.home.parent.mkdir(parents=True, exist_ok=True)
    with instance.home.with_name(f"{instance.home.name}.session").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = (
                f"another test session uses {instance.home}: wait for it, or set FRONTROW_TEST_HOME, _PORT, _BASE_PORT"
            )
            raise RuntimeError(msg) from None
        instance.reset()
        try:
            yield instance
        finally:
            instance.stop()
