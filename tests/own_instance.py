"""The tests' own Frontrow: a native instance of its own home and ports, started from nothing once per pytest session.

It runs beside a platform that somebody uses. Integration tests take its stores, e2e and fault tests all of it. Its logs
stay behind for whoever looks at a failure; the next session begins by removing them.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from infra.native.instance import Instance

CHECKOUT = Path(__file__).resolve().parents[1]


def environment() -> Mapping[str, str]:
    """Return what the instance is told: nothing of a platform's own ``FRONTROW_*`` variables."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("FRONTROW_")}
    return inherited | {
        "FRONTROW_HOME": os.environ.get("FRONTROW_TEST_HOME", str(CHECKOUT / ".frontrow" / "test")),
        "FRONTROW_PORT": os.environ.get("FRONTROW_TEST_PORT", "8180"),
        "FRONTROW_BASE_PORT": os.environ.get("FRONTROW_TEST_BASE_PORT", "18200"),
    }


def make() -> Instance:
    """Return the instance, not started, with nothing left of an earlier session."""
    instance = Instance.from_environment(environment())
    instance.reset()
    return instance
