"""The running platform, as a load run finds it: is it there, and how are its one-shots run beside it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from infra.native.instance import Instance
from infra.secrets.project import project_of

CHECKOUT: Final = Path(__file__).resolve().parents[1]
_ANSWER_WITHIN_S: Final = 5.0
_QUIET: Final = "FRONTROW_LOG_LEVEL=WARNING"
_CONTAINER_OF: Final = {"seed": "write_api"}
"""A one-shot has no container that goes on running; this one may do the same."""


class NotRunningError(Exception):
    """There is no platform to load; the text is one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform on this machine. ``docker``: under compose, else as native processes; ``project``: compose's name."""

    url: str
    docker: bool
    project: str | None = None

    def run(self, service: str, module: str, arguments: Sequence[str] = (), *, within_s: float) -> int:
        """Run a module with the addresses and secrets of that service, quietly; returns its exit status."""
        if self.docker:
            # In a container that runs already: it has the secrets, and is the user who may read them.
            command = ["docker", "compose", "exec", "-T", "-e", _QUIET, _CONTAINER_OF.get(service, service), "python"]
            environment = {**os.environ, **({"COMPOSE_PROJECT_NAME": self.project} if self.project else {})}
        else:
            command = [sys.executable]
            instance = Instance.from_environment(os.environ).as_started()
            environment = {**os.environ, **instance.environment_of(service), **dict([_QUIET.split("=")])}
        command += ["-m", module, *arguments]
        return subprocess.run(command, cwd=CHECKOUT, env=environment, timeout=within_s, check=False).returncode


def default_url() -> str:
    """Return where the gateway is unless somebody says otherwise."""
    return os.environ.get("FRONTROW_URL") or f"http://localhost:{os.environ.get('FRONTROW_PORT', '8080')}"


def find(url: str, *, healthy: bool = True) -> Platform:
    """Return the platform at ``url``; unless ``healthy``, without asking whether it is.

    Raises:
        NotRunningError: nothing answers there, or it is not healthy.
    """
    if healthy:
        _insist_on_health(url)
    home = Path(os.environ.get("FRONTROW_HOME") or CHECKOUT / ".frontrow")
    mode = home / "mode"
    return Platform(url, mode.exists() and mode.read_text().strip() == "docker", project_of(home))


def _insist_on_health(url: str) -> None:
    try:
        answer = httpx.get(f"{url}/health", timeout=_ANSWER_WITHIN_S)
    except httpx.HTTPError:
        msg = f"Frontrow does not answer at {url}; start it with ./start-services.sh and try again."
        raise NotRunningError(msg) from None
    if answer.status_code != httpx.codes.OK:
        msg = f"Frontrow at {url} is not healthy; ./start-services.sh status says what is missing."
        raise NotRunningError(msg)
