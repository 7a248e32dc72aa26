"""The gateway of compose reads its configuration again when a service has moved, and not before it is somewhere."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.eventually import eventually

SCRIPT: Final = Path(__file__).parents[2] / "gateway" / "follow-services.sh"
WITHIN_S: Final = 30
"""The script is begun while platforms start on the same two cores."""
SERVICES: Final = ("write_api", "read_api", "audit", "payments", "webhooks")
BEFORE: Final = {name: f"10.0.0.{number}" for number, name in enumerate(SERVICES, start=1)}
UPSTREAMS_OF_THE_SAME: Final = {"accounts"}
"""Upstreams that name a service which another one names."""


class Names:
    """What the container's resolver would say; asked through ``getent``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def are(self, addresses: dict[str, str]) -> None:
        for name in BEFORE:
            (self._folder / name).write_text(f"{addresses[name]} STREAM {name}\n" if name in addresses else "")

    @property
    def asked(self) -> int:
        return len((self._folder / "asked").read_text())


@pytest.fixture
def names(tmp_path: Path) -> Names:
    names = Names(tmp_path)
    names.are(BEFORE)
    (tmp_path / "asked").touch()
    return names


@pytest.fixture
def hangups(tmp_path: Path, names: Names) -> Iterator[Path]:
    """Start the script beside a process that counts its SIGHUPs, as NGINX would act upon them."""
    assert names
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "getent").write_text(f'#!/bin/sh\nprintf . >> "{tmp_path}/asked"\ncat "{tmp_path}/$2"\n')
    (tools / "sleep").write_text("#!/bin/sh\nexec /bin/sleep 0.05\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    counted = tmp_path / "hangups"
    counted.touch()
    nginx = subprocess.Popen(
        [
            "env",
            "--default-signal=HUP",  # whoever runs the tests may have been told to ignore it
            "sh",
            "-c",
            f"trap 'printf . >> {counted}' HUP; echo $$ > {tmp_path}/nginx.pid; while :; do /bin/sleep 0.05; done",
        ]
    )
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "GATEWAY_STATE_DIR": str(tmp_path)}
    script = subprocess.Popen(["sh", SCRIPT], env=environment, start_new_session=True)
    assert script.wait(WITHIN_S) == 0, "the image's entry point waits for it"
    yield counted
    os.killpg(script.pid, signal.SIGKILL)
    nginx.kill()
    nginx.wait()


def _asked_again(names: Names) -> None:
    before = names.asked
    # Twice all names: the answer of before has surely been acted upon.
    eventually(lambda: _assert(names.asked >= before + 2 * len(BEFORE)), within_s=WITHIN_S)


def _assert(condition: object) -> None:
    assert condition


def test_every_upstream_of_the_gateway_is_followed() -> None:
    template = SCRIPT.with_name("nginx.conf.template").read_text()
    upstreams = set(re.findall(r"^ +upstream (\w+) {", template, flags=re.MULTILINE))
    assert upstreams - UPSTREAMS_OF_THE_SAME == set(SERVICES)
    assert f'SERVICES="{" ".join(SERVICES)}"' in SCRIPT.read_text()


def test_nothing_happens_while_nobody_moves(names: Names, hangups: Path) -> None:
    _asked_again(names)
    assert hangups.read_text() == ""


def test_a_service_that_moved_is_followed_once(names: Names, hangups: Path) -> None:
    _asked_again(names)
    names.are({**BEFORE, "write_api": "10.0.0.9"})
    eventually(lambda: _assert(hangups.read_text() == "."), within_s=WITHIN_S)
    _asked_again(names)
    assert hangups.read_text() == "."


def test_a_service_that_is_nowhere_is_waited_for(names: Names, hangups: Path) -> None:
    _asked_again(names)
    names.are({name: address for name, address in BEFORE.items() if name != "read_api"})
    _asked_again(names)
    assert hangups.read_text() == ""
    names.are({**BEFORE, "read_api": "10.0.0.9"})
    eventually(lambda: _assert(hangups.read_text() == "."), within_s=WITHIN_S)
