"""The health check of our containers says what the process in it says."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.image import healthy
from tests.integration.gateway.service import Answer, Service


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    service.start()
    yield service
    service.stop()


def _check(port: int) -> int:
    # As compose runs it: the file alone, without site-packages.
    command = [sys.executable, "-I", "-S", healthy.__file__]
    return subprocess.run(command, env={**os.environ, "FRONTROW_HTTP_PORT": str(port)}, check=False).returncode


@pytest.mark.parametrize(("status", "exit_status"), [(200, 0), (503, 1), (404, 1)])
def test_a_container_is_healthy_when_its_process_is_ready(service: Service, status: int, exit_status: int) -> None:
    service.answer = Answer(status)
    assert _check(service.port) == exit_status
    assert service.received[0].target == "/health/ready"


def test_a_process_that_is_gone_is_not_healthy(service: Service) -> None:
    service.stop()
    assert _check(service.port) == 1


def test_a_frozen_process_is_not_healthy_before_compose_loses_patience(service: Service) -> None:
    service.answer = Answer(hold_s=healthy.WITHIN_S * 2)
    assert _check(service.port) == 1
