"""The platform for end-to-end tests; when a module is done, everything that it did must hold."""

from collections.abc import Iterator

import pytest

from tests.frontrow import Frontrow


@pytest.fixture(scope="module")
def frontrow(whole_platform: Frontrow) -> Iterator[Frontrow]:
    yield whole_platform
    whole_platform.check_invariants()
