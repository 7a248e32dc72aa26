"""The platform for end-to-end tests; when a module is done, the auditor has found nothing in what it did."""

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.asking import waited
from tests.eventually import eventually
from tests.frontrow import Frontrow


@pytest.fixture(scope="module")
def frontrow(whole_platform: Frontrow) -> Iterator[Frontrow]:
    yield whole_platform
    whole_platform.check_what_is_watched()


@pytest.fixture
def without_redis(frontrow: Frontrow) -> Iterator[None]:
    frontrow.instance.stop_program("redis")
    yield
    frontrow.instance.start_program("redis")
    eventually(lambda: waited(frontrow, frontrow.new_event()))


@pytest.fixture
def frozen_worker(frontrow: Frontrow) -> Iterator[None]:
    frontrow.instance.kill("worker", signal.SIGSTOP)
    yield
    frontrow.instance.kill("worker", signal.SIGCONT)
