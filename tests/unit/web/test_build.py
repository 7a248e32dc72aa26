"""The built page is in the tree: what proves that it is what the sources give, and that it stays small."""

import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

WEB: Final = Path(__file__).parents[3] / "web"
DIST: Final = WEB / "dist"
SOURCES: Final = ("build", "index.html", "package.json", "package-lock.json", "src", "tsconfig.json", "vite.config.ts")
MAX_COMPRESSED_BYTES: Final = 150_000
"""All of the page, as it is sent."""
COMMAND: Final = "cd web && npm ci && npm run build"


def _files() -> list[Path]:
    listed = [path for name in (*SOURCES, "dist") for path in ((WEB / name).rglob("*"), [WEB / name])]
    return [path for some in listed for path in some if path.is_file()]


def _contents(dist: Path) -> dict[str, bytes]:
    """Return what the files say, by name: another Node compresses the same to other bytes."""
    files = {path.relative_to(dist).as_posix(): path.read_bytes() for path in dist.rglob("*") if path.is_file()}
    return {name: gzip.decompress(said) if name.endswith(".gz") else said for name, said in files.items()}


def test_the_built_page_is_of_these_sources() -> None:
    """Without Node: the last build wrote down every file that it read and wrote (``web/build/record.mjs``)."""
    now = {path.relative_to(WEB).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in _files()}
    lines = [line.split("  ", 1) for line in (WEB / "dist.sha256").read_text().splitlines()]
    recorded = {path: digest for digest, path in lines}
    assert recorded == now, f"Sources or built files have changed since the last build. Run: {COMMAND}"


@pytest.mark.skipif(shutil.which("npm") is None, reason="no Node here; the record says the same")
def test_building_again_gives_the_same_files(tmp_path: Path) -> None:
    copy = tmp_path / "web"
    shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    if (WEB / "node_modules").is_dir():
        (copy / "node_modules").symlink_to(WEB / "node_modules")
    else:
        subprocess.run(["npm", "ci"], cwd=copy, check=True, capture_output=True, timeout=100)
    subprocess.run(["npm", "run", "build"], cwd=copy, check=True, capture_output=True, timeout=100)
    assert _contents(copy / "dist") == _contents(DIST), f"The built files are not of these sources. Run: {COMMAND}"


def test_the_page_is_small() -> None:
    assert sum(path.stat().st_size for path in DIST.rglob("*.gz")) < MAX_COMPRESSED_BYTES


def test_each_file_is_there_compressed() -> None:
    plain = [path for path in DIST.rglob("*") if path.is_file() and path.suffix != ".gz"]
    assert plain
    for path in plain:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text()
