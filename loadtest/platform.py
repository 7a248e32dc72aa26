"""The running platform, as a load run finds it: is it there, and how are its one-shots run beside it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from infra.native.instance import Instance

CHECKOUT: Final = Path(__file__).resolve().parents[1]
_ANSWER_WITHIN_S: Final = 5.0


class NotRunningError(Exception):
    """There is no platform to load; the text is one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform on this machine. ``docker``: under compose, else as native processes."""

    url: str
    docker: bool

    def run(self, service: str, module: str, *, within_s: float, files: Mapping[str, Path] | None = None) -> int:
        """Run a module as that service would be run; returns its exit status.

        ``files`` maps a setting to the file that it names; under compose the file is mounted where it is.
        """
        settings = {name: str(path) for name, path in (files or {}).items()}
        if self.docker:
            more = [part for name, value in settings.items() for part in ("-e", f"{name}={value}")]
            mounts = [part for path in settings.values() for part in ("-v", f"{path}:{path}:ro")]
            command = ["docker", "compose", "run", "--rm", "--no-deps", "-T", *more, *mounts, service]
            return _run([*command, "python", "-m", module], os.environ, within_s)
        environment = Instance.from_environment(os.environ).as_started().environment_of(service)
        return _run([sys.executable, "-m", module], {**os.environ, **environment, **settings}, within_s)


def find(url: str) -> Platform:
    """Return the platform that answers at ``url``.

    Raises:
        NotRunningError: nothing answers there, or it is not healthy.
    """
    try:
        answer = httpx.get(f"{url}/health", timeout=_ANSWER_WITHIN_S)
    except httpx.HTTPError:
        msg = f"Frontrow does not answer at {url}; start it with ./start-services.sh and try again."
        raise NotRunningError(msg) from None
    if answer.status_code != httpx.codes.OK:
        msg = f"Frontrow at {url} is not healthy; ./start-services.sh status says what is missing."
        raise NotRunningError(msg)
    mode = Path(os.environ.get("FRONTROW_HOME") or CHECKOUT / ".frontrow") / "mode"
    return Platform(url, mode.exists() and mode.read_text().strip() == "docker")


def _run(command: Sequence[str], environment: Mapping[str, str], within_s: float) -> int:
    return subprocess.run(command, cwd=CHECKOUT, env=environment, timeout=within_s, check=False).returncode
