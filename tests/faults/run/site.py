"""The site: one platform that the nemesis hurts, and how it is made whole again.

``make faults`` builds one of its own, with two of each service and a proxy on every link; the tests lend the one of
their session, which has neither. Faults ask here for processes and links, and never for anything of a service.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx

from infra.native.errors import CannotStartError
from infra.native.instance import SERVICES, STORES, Instance
from infra.native.services import MODULES, ONE_SHOTS, process_names
from infra.native.settings import SCALABLE, NativeSettings
from infra.native.supervisor import STOPPED_STATES
from tests.eventually import eventually
from tests.faults.run import small_disks
from tests.faults.run.links import Link, Links
from tests.frontrow import CHECKOUT, Frontrow

WHOLE_WITHIN_S: Final = 120.0
"""After the last fault of a round. A quiet machine takes a tenth; see ``damage.RECOVERED_WITHIN_S``."""
STARTS: Final = 4
"""How often the start of a run is begun; each goes on for a minute. What is measured begins after it."""
RELEASE: Final = "release"
"""In an instance's home: a link to the code that its processes run."""
PROCESSES: Final = 2
"""Of each service: one that is hurt, and one that goes on."""


class Site:
    """A running platform, its links, and whether we own it. ``links`` is None where they have no proxies."""

    def __init__(self, frontrow: Frontrow, links: Links | None = None) -> None:
        self.frontrow = frontrow
        self.links = links

    @property
    def instance(self) -> Instance:
        """The platform as its supervisor knows it."""
        return self.frontrow.instance

    def programs(self) -> list[str]:
        """Return every program by name."""
        return list(self.instance.status())

    def signal(self, program: str, number: signal.Signals, *, all_of_it: bool = False) -> None:
        """Send a signal to a program, or to all of its processes; one that is not there is left alone."""
        with suppress(LookupError, ProcessLookupError):
            pid = self.instance.pid_of(program)
            for each in (pid, *(_below(pid) if all_of_it else ())):
                with suppress(ProcessLookupError):
                    os.kill(each, number)

    def run_code_of(self, folder: Path) -> None:
        """Let whatever starts from now on run the code of this folder; only on a site of our own."""
        run_code_of(folder, self.instance.home)

    def link(self, link: Link) -> Links:
        """Return the links, where there are any.

        Raises:
            LookupError: this site has no proxies.
        """
        if self.links is None:
            raise LookupError(link.name)
        return self.links

    def heal(self) -> None:
        """Make everything whole, and wait until the platform says so."""
        if self.links is not None:
            self.links.mend()
        for name, state in self.instance.status().items():
            if state.pid:
                self.signal(name, signal.SIGCONT, all_of_it=True)
            elif state.state in STOPPED_STATES:
                self.instance.start_program(name, ready=False)
        eventually(self._whole, within_s=WHOLE_WITHIN_S)

    def _whole(self) -> None:
        try:
            answer = httpx.get(f"{self.instance.gateway_url}/health", timeout=5)
        except httpx.HTTPError as error:
            raise AssertionError(error) from error
        assert answer.status_code == httpx.codes.OK, answer.text
        assert not any(check["degraded"] for check in answer.json()["checks"].values()), answer.text


def run_code_of(folder: Path, home: Path) -> None:
    """Point the instance's ``release`` at a folder."""
    made = home / f"{RELEASE}.new"
    made.symlink_to(folder)
    made.rename(home / RELEASE)


def _below(pid: int) -> Iterator[int]:
    """Yield all descendants of a process."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield int(child)
            yield from _below(int(child))


def environment() -> Mapping[str, str]:
    """Return what the run's own instance is told; homes and ports of its own, beside tests, benchmark and platform."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("FRONTROW_")}
    return inherited | {
        "FRONTROW_HOME": os.environ.get("FRONTROW_FAULTS_HOME", str(CHECKOUT / ".frontrow" / "faults")),
        "FRONTROW_PORT": os.environ.get("FRONTROW_FAULTS_PORT", "8380"),
        "FRONTROW_BASE_PORT": os.environ.get("FRONTROW_FAULTS_BASE_PORT", "18500"),
        # The run's receiver listens on loopback.
        "FRONTROW_WEBHOOKS_ALLOW_PRIVATE": "on",
        # No others: what runs once is missed by ``/health`` where two are promised.
        **{f"FRONTROW_{service.upper()}_PROCESSES": str(PROCESSES) for service in SCALABLE},
    }


@contextmanager
def of_this_run(code: Path = CHECKOUT) -> Iterator[Site]:
    """Start a platform from nothing, with a proxy on every link; stop it at the end, and leave its logs.

    ``code``: whose it runs at first. Every process finds it at ``release``, so that it can change under all of them.
    """
    settings = NativeSettings.from_environment(environment())
    small_disks.unmount(settings.home / "data")
    Instance(settings).reset()
    links = Links(settings)
    instance = Instance(replace(settings, detours=_with_code(settings, links.detours)))
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        run_code_of(code, settings.home)
        instance.start(["redis"])  # writes everybody's configuration, and makes everybody's data
        small_disks.mount(instance.home / "data")
        links.configure(instance.home / "conf", settings.ports)
        _start(instance, [*STORES, *_services_of(code), "gateway"])
        with httpx.Client(base_url=instance.gateway_url, timeout=10) as client:
            yield Site(Frontrow(instance, client), links)
    finally:
        instance.stop()
        small_disks.unmount(instance.home / "data")
        links.close()


def _services_of(code: Path) -> list[str]:
    """Return the services that some release has."""
    modules = {service: code.joinpath(*MODULES[service].split(".")) for service in SERVICES}
    return [service for service, path in modules.items() if path.is_dir() or path.with_suffix(".py").is_file()]


def _start(instance: Instance, parts: list[str]) -> None:
    """Start, and go on where a start was given up: on a machine that has other work, twenty processes take minutes."""
    for left in reversed(range(STARTS)):
        try:
            instance.start(parts)
        except CannotStartError:
            if not left:
                raise
        else:
            return


def _with_code(settings: NativeSettings, detours: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Add to each process where its code lies, and that the folder that it runs in is not to be looked at."""
    code = {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(settings.home / RELEASE)}
    names = [name for service in SERVICES for name in process_names(service, settings.processes.get(service, 1))]
    return {name: {**detours.get(name, {}), **code} for name in (*names, *ONE_SHOTS)}
