"""Private files: written whole or not at all, on the disk before anything goes on, readable by their owner alone.

``sessions`` and ``wishes`` enter here. A power cut leaves the old file or the new one, never half of one.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

OWNER_ALONE: Final = 0o600
FOLDER_OF_OWNER: Final = 0o700


def make_folder(folder: Path) -> None:
    """Make a folder that nobody else can look into."""
    folder.mkdir(mode=FOLDER_OF_OWNER, parents=True, exist_ok=True)


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Put a document in a file's place; it is on the disk when this returns."""
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(draft, "w", encoding="utf-8", opener=_private) as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path) -> dict[str, Any] | None:
    """Return a document, or None where there is none that can be read."""
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def parsed(text: str) -> dict[str, Any] | None:
    """Return a document, or None where the text is none."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def append(path: Path, document: Mapping[str, Any]) -> None:
    """Add a line to a file; lines of several processes do not mix."""
    make_folder(path.parent)
    with open(path, "a", encoding="utf-8", opener=_private) as file:
        file.write(json.dumps(document) + "\n")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be alone with what this file stands for, among all processes; one that dies lets go."""
    make_folder(path.parent)
    with open(path, "a", encoding="utf-8", opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ALONE)
