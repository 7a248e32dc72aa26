"""A run that was interrupted while it prepared its platform does not stand in the way of the next one."""

import subprocess
from pathlib import Path

import pytest

from tests.faults.run import releases
from tests.faults.run.site import RELEASE, run_code_of


def test_the_link_to_the_code_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / f"{RELEASE}.new").symlink_to(tmp_path / "nowhere")
    run_code_of(tmp_path / "code", tmp_path)
    assert (tmp_path / RELEASE).readlink() == tmp_path / "code"


def test_the_former_release_is_unpacked_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("of the release")
    somebody = ("-c", "user.name=Somebody", "-c", "user.email=somebody@localhost")
    for command in (("init", "-q"), ("add", "file"), (*somebody, "commit", "-q", "-m", "A release")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, timeout=30)
    monkeypatch.setattr(releases, "CHECKOUT", tmp_path)
    monkeypatch.setattr(releases, "FORMER", "HEAD")
    left = tmp_path / ".frontrow" / "former" / "HEAD.new"
    left.mkdir(parents=True)
    (left / "half").touch()
    assert [path.name for path in releases.former().iterdir()] == ["file"]
