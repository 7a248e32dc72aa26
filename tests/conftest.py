"""What all tests share: the one instance of the session, made when the first test asks for it.

`make test` runs two sessions side by side (pytest-xdist). A module's tests stay together in one of them, and so do all
faults.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from infra.native.instance import Instance
from tests import own_instance
from tests.frontrow import Frontrow

FAULTS = Path(__file__).parent / "faults"
"""One row of tests: each leaves clients who do not know their outcome, and the last one asks for all of these."""


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks in its own
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Say which tests belong together."""
    for item in items:
        together = FAULTS if FAULTS in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(together)))


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
