"""The built page is in the tree: what proves that it is what the sources give, and that it stays small."""

import gzip
import hashlib
from pathlib import Path
from typing import Final

from tests.built_page import COMMAND, DIST, WEB

SOURCES: Final = ("build", "index.html", "package.json", "package-lock.json", "src", "tsconfig.json", "vite.config.ts")
MAX_COMPRESSED_BYTES: Final = 70_000
"""All of the page, as it is sent: README says so."""


def _files() -> list[Path]:
    listed = [path for name in (*SOURCES, "dist") for path in ((WEB / name).rglob("*"), [WEB / name])]
    return [path for some in listed for path in some if path.is_file()]


def test_the_built_page_is_of_these_sources() -> None:
    """Without Node: the last build wrote down every file that it read and wrote (``web/build/record.mjs``)."""
    now = {path.relative_to(WEB).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in _files()}
    lines = [line.split("  ", 1) for line in (WEB / "dist.sha256").read_text().splitlines()]
    recorded = {path: digest for digest, path in lines}
    assert recorded == now, f"Sources or built files have changed since the last build. Run: {COMMAND}"


def test_the_page_is_small() -> None:
    assert sum(path.stat().st_size for path in DIST.rglob("*.gz")) < MAX_COMPRESSED_BYTES


def test_each_file_is_there_compressed() -> None:
    plain = [path for path in DIST.rglob("*") if path.is_file() and path.suffix != ".gz"]
    assert plain
    for path in plain:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text()
