"""The built page is what the sources give: built again, where Node is there.

Node is none of the things that Frontrow runs or is tested with: the page is built already, so that a fresh machine
needs none. There this is skipped, alone of all integration tests, and what it would find is found nevertheless: the
record of the last build names every source and every built file (``tests/unit/web/test_build.py``, which never skips).
"""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.built_page import COMMAND, DIST, WEB


def _contents(dist: Path) -> dict[str, bytes]:
    """Return what the files say, by name: another Node compresses the same to other bytes."""
    files = {path.relative_to(dist).as_posix(): path.read_bytes() for path in dist.rglob("*") if path.is_file()}
    return {name: gzip.decompress(said) if name.endswith(".gz") else said for name, said in files.items()}


@pytest.mark.skipif(shutil.which("npm") is None, reason="no Node here; the record of the last build says the same")
def test_building_again_gives_the_same_files(tmp_path: Path) -> None:
    copy = tmp_path / "web"
    shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    if (WEB / "node_modules").is_dir():
        (copy / "node_modules").symlink_to(WEB / "node_modules")
    else:
        subprocess.run(["npm", "ci"], cwd=copy, check=True, capture_output=True, timeout=100)
    subprocess.run(["npm", "run", "build"], cwd=copy, check=True, capture_output=True, timeout=100)
    assert _contents(copy / "dist") == _contents(DIST), f"The built files are not of these sources. Run: {COMMAND}"
