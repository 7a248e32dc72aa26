"""Small disks: PostgreSQL, Kafka and MongoDB have one each, a tmpfs, so that a fault can fill it.

``site`` enters here. Where we are not root, or may not mount, everybody stays on the machine's own disk, and nobody
fills that.
"""

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

SIZES_MB: Final = {"postgres": 384, "kafka": 256, "mongo": 768}
"""Several times what a run writes, so that a disk is full only when we fill it."""


@cache
def lacking() -> str:
    """Return why there are no small disks here, if so."""
    if os.geteuid() != 0:
        return "only root may mount a small disk"
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False).returncode:
            return "this machine lets nobody mount a small disk"
        subprocess.run(["umount", folder], check=True)
    return ""


def mount(data: Path) -> None:
    """Move what the stores have under ``data``, made and not yet started, to small disks."""
    if lacking():
        return
    for store, size in SIZES_MB.items():
        place = (data / store).resolve()
        former = place.rename(place.with_name(f"{store}.former"))
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "frontrow-faults", place], check=True)
        subprocess.run(["cp", "-a", f"{former}/.", place], check=True)
        subprocess.run(["rm", "-rf", former], check=True)


def unmount(data: Path) -> None:
    """Let the small disks go, of this run or of one that did not end well; with all that is on them."""
    for store in SIZES_MB:
        place = (data / store).resolve()
        if place.is_mount():
            subprocess.run(["umount", "--lazy", place], check=True)
            place.rmdir()
