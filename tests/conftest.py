"""What all tests share: the one instance of the session, made when the first test asks for it."""

from collections.abc import Iterator

import pytest

from infra.native.instance import Instance
from tests import own_instance


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    """Yield the session's own instance; whoever needs a part of it starts that part."""
    instance = own_instance.make()
    yield instance
    instance.stop()
