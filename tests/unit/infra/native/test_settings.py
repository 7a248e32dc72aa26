"""Ports, counts and places of an instance."""

from pathlib import Path

import pytest

from infra.native.errors import CannotStartError
from infra.native.ports import SPAN
from infra.native.settings import CHECKOUT, NativeSettings


def test_without_variables_everything_has_a_place() -> None:
    settings = NativeSettings.from_environment({"HOME": "/home/somebody"})
    assert settings.home == CHECKOUT / ".frontrow"
    assert settings.ports.gateway == 8080
    assert settings.ports.postgres == 18100
    assert settings.cache == Path("/home/somebody/.cache/frontrow")
    assert settings.kafka_home is None


def test_every_process_has_a_port_of_its_own() -> None:
    settings = NativeSettings.from_environment(
        {f"FRONTROW_{name}_PROCESSES": "10" for name in ("WRITE_API", "READ_API", "WORKER", "SYNC_SERVICE", "WEBHOOKS")}
    )
    ports = settings.ports
    names = (
        "gateway",
        "postgres",
        "redis",
        "mongo",
        "kafka",
        "write_api",
        "read_api",
        "worker",
        "sync_service",
        "webhooks",
        "audit",
        "payments",
        "test_provider",
    )
    taken = [port for name in names for port in ports.of(name)]
    assert len(taken) == len(set(taken)) == 59
    assert all(ports.base <= port < ports.base + SPAN for port in taken if port != ports.gateway)


def test_an_instance_with_another_base_shares_no_port_with_the_first() -> None:
    first = NativeSettings.from_environment({}).ports
    second = NativeSettings.from_environment({"FRONTROW_PORT": "8180", "FRONTROW_BASE_PORT": "18200"}).ports
    assert second.base >= first.base + SPAN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRONTROW_PORT", "http"),
        ("FRONTROW_PORT", "0"),
        ("FRONTROW_PORT", "65536"),
        ("FRONTROW_PORT", "-1"),
        ("FRONTROW_PORT", "\uff18\uff10\uff18\uff10"),
        ("FRONTROW_BASE_PORT", "65500"),
        ("FRONTROW_WORKER_PROCESSES", "11"),
        ("FRONTROW_PARTITIONS", "0"),
    ],
)
def test_a_wrong_number_is_named_with_its_range(name: str, value: str) -> None:
    with pytest.raises(CannotStartError, match=f"{name} is .* no whole number from") as refused:
        NativeSettings.from_environment({name: value})
    assert "Leave it out" in refused.value.remedy


def test_the_gateway_may_not_sit_among_the_services() -> None:
    with pytest.raises(CannotStartError, match="lies within the ports of the services"):
        NativeSettings.from_environment({"FRONTROW_PORT": "18110"})


def test_a_service_sees_the_variables_that_are_not_ours() -> None:
    settings = NativeSettings.from_environment({"FRONTROW_LOG_LEVEL": "DEBUG", "PATH": "/bin"})
    assert settings.extra == {"FRONTROW_LOG_LEVEL": "DEBUG"}
