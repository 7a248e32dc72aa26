"""Settings of one instance, read once from ``FRONTROW_*`` variables. Everything has a default that simply works."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.ports import MAX_PROCESSES, SPAN, Ports

CHECKOUT: Final = Path(__file__).resolve().parents[2]
SCALABLE: Final = ("write_api", "worker", "read_api", "sync_service", "webhooks")

_HIGHEST_PORT: Final = 65_535
_LOWEST_PORT: Final = 1
_MAX_PARTITIONS: Final = 1024


@dataclass(frozen=True, slots=True)
class NativeSettings:
    """Where an instance lives, which ports it takes and how many processes each service has."""

    home: Path
    ports: Ports
    processes: Mapping[str, int]
    partitions: int
    tls: Path | None
    """The folder of ``fullchain.pem`` and ``privkey.pem``; None: the gateway speaks plain HTTP."""
    cache: Path
    kafka_home: Path | None
    extra: Mapping[str, str]
    """Every ``FRONTROW_*`` variable as it was given: services see those that this room does not set."""
    detours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By the supervisor's name of a process, variables that a test puts in the place of its own: the address of a proxy
    before a store, say."""

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "NativeSettings":
        """Read the settings.

        Raises:
            CannotStartError: a number is none, or is out of its range.
        """
        processes = {name: _number(env, f"FRONTROW_{name.upper()}_PROCESSES", 1, 1, MAX_PROCESSES) for name in SCALABLE}
        gateway = _number(env, "FRONTROW_PORT", 8080, _LOWEST_PORT, _HIGHEST_PORT)
        base = _number(env, "FRONTROW_BASE_PORT", 18_100, 1024, _HIGHEST_PORT - SPAN)
        if base <= gateway < base + SPAN:
            sentence = f"FRONTROW_PORT={gateway} lies within the ports of the services, {base} to {base + SPAN - 1}."
            raise CannotStartError(sentence, "Choose another FRONTROW_PORT or FRONTROW_BASE_PORT.")
        cache = Path(env.get("XDG_CACHE_HOME") or Path(env.get("HOME") or "~").expanduser() / ".cache")
        kafka_home, tls = env.get("KAFKA_HOME"), env.get("FRONTROW_TLS")
        return cls(
            home=Path(env.get("FRONTROW_HOME") or CHECKOUT / ".frontrow").absolute(),
            ports=Ports(gateway, base, processes),
            processes=MappingProxyType(processes),
            partitions=_number(env, "FRONTROW_PARTITIONS", 8, 1, _MAX_PARTITIONS),
            tls=Path(tls).absolute() if tls else None,
            cache=cache / "frontrow",
            kafka_home=Path(kafka_home) if kafka_home else None,
            extra=MappingProxyType({key: value for key, value in env.items() if key.startswith("FRONTROW_")}),
        )

    @property
    def public_url(self) -> str:
        """Where people reach the gateway, unless ``FRONTROW_PUBLIC_URL`` says it."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.ports.gateway}"


def _number(env: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        sentence = f"{name} is {text!r}, which is no whole number from {lowest} to {highest}."
        raise CannotStartError(sentence, f"Leave it out for {default}, or set another.")
    return int(text)
