"""PostgreSQL's data folder: how a backup of it is unpacked."""

import stat
import tarfile
from pathlib import Path

import pytest

from infra.native import postgres
from infra.native.errors import CannotStartError
from infra.native.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose PostgreSQL is ours."""
    monkeypatch.setattr(postgres, "system_user", lambda: None)
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def test_a_base_backup_is_unpacked_by_every_python_that_frontrow_runs_with(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "ledger"
    (ledger / "base").mkdir(parents=True)
    for folder in (ledger, ledger / "base"):
        folder.chmod(0o700)
    (ledger / "PG_VERSION").write_text("15\n")
    (ledger / "PG_VERSION").chmod(0o600)
    with tarfile.open(tmp_path / "postgres.tar.gz", "w:gz") as packed:
        packed.add(ledger, arcname=".")

    def before_3_11_4(_archive: tarfile.TarFile, path: str = ".", members: object = None) -> None:
        del path, members

    monkeypatch.setattr(tarfile.TarFile, "extractall", before_3_11_4)
    postgres.unpack(home, tmp_path / "postgres.tar.gz")
    assert (home.data / "postgres" / "PG_VERSION").read_text() == "15\n"
    assert stat.S_IMODE((home.data / "postgres").stat().st_mode) == 0o700
    assert stat.S_IMODE((home.data / "postgres" / "base").stat().st_mode) == 0o700
    assert stat.S_IMODE((home.data / "postgres" / "PG_VERSION").stat().st_mode) == 0o600


def test_what_cannot_be_unpacked_is_one_sentence_and_leaves_no_ledger(home: Home, tmp_path: Path) -> None:
    (tmp_path / "postgres.tar.gz").write_bytes(b"no archive")
    with pytest.raises(CannotStartError, match="PostgreSQL's data could not be made"):
        postgres.unpack(home, tmp_path / "postgres.tar.gz")
    assert not (home.data / "postgres").exists()
