"""What all tests share: the one instance of the session, made when the first test asks for it.

`make test` runs two sessions side by side (pytest-xdist). A module's tests stay together in one of them.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.native.instance import Instance
from tests import own_instance
from tests.frontrow import Frontrow

TESTS = Path(__file__).parent
ROOMS = ("unit", "compose", "integration", "faults", "e2e")
"""Each needs more of the instance than those before: a whole platform takes a third of a core while nobody asks."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the rooms' tests in their order."""
    items.sort(key=lambda item: ROOMS.index(item.path.relative_to(TESTS).parts[0]))


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    """Yield the session's own instance; whoever needs a part of it starts that part."""
    with own_instance.of_this_session() as instance:
        yield instance


@pytest.fixture(scope="session")
def whole_platform(instance: Instance) -> Iterator[Frontrow]:
    """Yield all of Frontrow, started once, with the demo events; in the end all that was ever done must hold."""
    instance.start()
    with httpx.Client(base_url=instance.gateway_url, timeout=10) as client:
        frontrow = Frontrow(instance, client)
        yield frontrow
        frontrow.check_invariants()
