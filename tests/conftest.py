"""What all tests share: the one instance of the session, made when the first test asks for it.

`make test` runs two sessions side by side (pytest-xdist). A module's tests stay together in one of them. One session
has the tests of the whole platform, the other those that need less of it: an idle platform takes a third of a core.
"""

from collections.abc import Iterator

import httpx
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from infra.native.instance import Instance
from tests import own_instance
from tests.frontrow import Frontrow

OF_THE_PLATFORM = ("tests/faults/", "tests/e2e/")
"""One session's, which begins with them."""
ROOMS = (*OF_THE_PLATFORM, "tests/integration/", "tests/compose/", "tests/unit/")
"""In their order. From the third on they are for whichever session is free."""


class SideBySide(LoadFileScheduling):  # type: ignore[misc]  # published without type hints
    """A session takes one file after the other, but all of the platform's at once."""

    def _split_scope(self, nodeid: str) -> str:
        return "the platform" if nodeid.startswith(OF_THE_PLATFORM) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    """Have xdist deal out the tests so."""
    return SideBySide(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the rooms' tests in their order; each test is in one."""

    def place(item: pytest.Item) -> int:
        (place,) = (n for n, room in enumerate(ROOMS) if item.nodeid.startswith(room))
        return place

    items.sort(key=place)


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
