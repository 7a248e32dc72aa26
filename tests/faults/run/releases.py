"""Faults of a release: every process goes from the former release's code to this one's, one by one, under load.

A run that begins with the former release has all of its messages, rows and documents, and its own database; then this
one's migrations run, and who reads is restarted before who writes: a reader must know what a writer may say
(``contracts/examples`` holds the same for the bytes alone). The packages are this release's in both.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from infra.native import one_shots
from infra.native.instance import SERVICES
from tests.faults.run.fault import Fault, Scene
from tests.frontrow import CHECKOUT

FORMER: Final = "d259ae1"
"""The commit of the former release. Whoever releases sets it to the one that was released."""
FIRST: Final = ("worker", "sync_service", "read_api", "webhooks", "payments", "test_provider", "audit")
"""Who reads what others write; the write API and the gateway come last."""
NAME: Final = "from the former release to this one"


@cache
def lacking() -> str:
    """Return why there is no former release here, if so."""
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{FORMER}^{{commit}}"], cwd=CHECKOUT, capture_output=True, check=False
    )
    return "" if known.returncode == 0 else f"this clone does not have the former release, {FORMER}"


def former() -> Path:
    """Return the former release's files, copied out of the repository when they are not there yet."""
    folder = CHECKOUT / ".frontrow" / "former" / FORMER
    if not folder.exists():
        packed = subprocess.run(["git", "archive", FORMER], cwd=CHECKOUT, capture_output=True, check=True).stdout
        made = folder.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)  # of a run that was interrupted here
        made.mkdir(parents=True)
        subprocess.run(["tar", "-x", "-C", str(made)], input=packed, check=True)
        made.rename(folder)
    return folder


@contextmanager
def rolled(scene: Scene) -> Iterator[None]:
    """Migrate, then restart everything with this code."""
    site = scene.site
    site.run_code_of(CHECKOUT)
    one_shots.run(site.instance.settings, ["migrate", "topics", "mongo_init"])
    for name in sorted(site.programs(), key=_turn):
        site.instance.stop_program(name)
        site.instance.start_program(name)
    yield


def _turn(program: str) -> int:
    service = next((service for service in FIRST if program.startswith(service)), "")
    return FIRST.index(service) if service else len(FIRST)


FAULTS: Final = (Fault(NAME, rolled, frozenset(SERVICES), alone=True, former=True, needs=lacking),)
