"""One-shots in native mode: run what prepares the stores, and what puts the demo events on the log, each to its end."""

import subprocess
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from infra.native import services
from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.settings import CHECKOUT, NativeSettings

WITHIN_S: Final = 120.0
"""Twice as long as they wait for their server."""


def run(settings: NativeSettings, names: Collection[str]) -> None:
    """Run the one-shots at the same time.

    Raises:
        CannotStartError: one failed; with its last words.
    """
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: _run(settings, name), names))


def _run(settings: NativeSettings, name: str) -> None:
    home = Home(settings.home)
    log = home.log_of(name)
    log.touch(mode=0o600)
    command = [sys.executable, "-m", services.ONE_SHOTS[name]]
    env = {**services.inherited(), **services.environment(settings, name)}
    failed = True
    with log.open("w") as output:
        try:
            failed = (
                subprocess.call(
                    command,
                    cwd=CHECKOUT,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=WITHIN_S,
                )
                != 0
            )
        except subprocess.TimeoutExpired:
            output.write(f"It did not end within {WITHIN_S:.0f} s.\n")
    if failed:
        raise CannotStartError(f"{name} failed: {home.last_words_of(name)}", f"The whole story is in {log}.")
