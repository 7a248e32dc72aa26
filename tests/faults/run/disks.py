"""Faults of disks: one that is full, under PostgreSQL, Kafka or MongoDB.

What is given back is what was taken: nothing of theirs is touched.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

from tests.faults.run.fault import Fault, Scene
from tests.faults.run.small_disks import SIZES_MB, lacking

LASTS_S: Final = (3.0, 6.0)
"""Long enough to be met by a write; shorter than a supervisor's patience with who cannot start (55 s)."""
BLOCK: Final = 4096
_FILLER: Final = "nothing-but-full"


@contextmanager
def full(store: str, scene: Scene) -> Iterator[None]:
    """Take all room that is left, to the last block, until the end."""
    filler = (scene.site.instance.home / "data" / store).resolve() / _FILLER
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(BLOCK))
        yield
    finally:
        filler.unlink()


FAULTS: Final = tuple(
    Fault(f"disk full {store}", partial(full, store), frozenset({store}), LASTS_S, own_disks=True, needs=lacking)
    for store in SIZES_MB
)
