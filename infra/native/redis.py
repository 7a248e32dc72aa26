"""Redis in native mode: seat locks, a user for each service, on loopback."""

from pathlib import Path
from typing import Final

from infra.native.home import Home
from infra.native.ports import LOOPBACK
from infra.native.program import Program
from infra.native.settings import CHECKOUT
from infra.secrets.files import REDIS_ACL

CONFIGURATION: Final = CHECKOUT / "infra" / "redis" / "redis.conf"


def prepare(home: Home) -> None:
    """Make the working folder."""
    (home.data / "redis").mkdir(mode=0o700, exist_ok=True)


def program(home: Home, port: int, server: Path) -> Program:
    """Return the server's program."""
    options = {
        "port": port,
        "bind": LOOPBACK,
        "dir": home.data / "redis",
        "aclfile": home.secrets / REDIS_ACL,
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return Program("redis", (server, CONFIGURATION, *arguments))
