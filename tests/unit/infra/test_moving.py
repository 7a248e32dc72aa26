"""The folder of a backup: whole or refused, with the secrets that nothing else gives back, for one's own eyes."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infra.moving.folder import (
    MANIFEST,
    POSTGRES,
    BackupError,
    finish,
    make,
    mark,
    place_secrets,
    require_version,
    summary,
    undecided,
    verified,
)
from infra.native.settings import CHECKOUT
from infra.secrets.files import NEEDED_ELSEWHERE, generate

SAID = {"postgres": "15", "partitions": 8, "topic_id": "topic-1", "undecided": 0}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state folder with all secrets, and a mail server's password that an operator put there."""
    generate(tmp_path / "home")
    (tmp_path / "home" / "secrets" / "write_api" / "frontrow_smtp_password").write_text("theirs")
    return tmp_path / "home"


def backup_of(home: Path, *, with_secrets: bool = True, **changes: object) -> Path:
    folder = home.with_name("backup")
    make(folder)
    (folder / POSTGRES).write_bytes(b"a ledger")
    finish(folder, home, {**SAID, **changes}, with_secrets=with_secrets)
    return folder


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def test_a_backup_is_found_whole_and_is_private(home: Path) -> None:
    folder = backup_of(home)
    manifest = verified(folder, 8)
    assert manifest.topic_id == "topic-1"
    require_version(manifest, ["15", "17"])
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_is_needed_elsewhere_and_what_operators_added_comes_along_and_no_stores_password(home: Path) -> None:
    folder = backup_of(home)
    came = {str(path.relative_to(folder / "secrets")) for path in folder.glob("secrets/*/*")}
    assert came == {*NEEDED_ELSEWHERE, "write_api/frontrow_smtp_password"}
    there = home.with_name("there")
    assert place_secrets(folder, there) == len(came)
    generate(there)
    for place in came:
        assert (there / "secrets" / place).read_text() == (home / "secrets" / place).read_text()
    redis = "redis/frontrow_redis_password"
    assert (there / "secrets" / redis).read_text() != (home / "secrets" / redis).read_text()
    copy = "read_api/frontrow_booking_id_keys"
    assert (there / "secrets" / copy).read_text() == (home / "secrets" / copy).read_text()


def test_a_secret_that_is_there_is_never_written_over(home: Path) -> None:
    folder = backup_of(home)
    assert place_secrets(folder, home) == 0
    there = home.with_name("there")
    generate(there)
    with pytest.raises(BackupError, match="is another secret than the backup's"):
        place_secrets(folder, there)


def test_without_secrets_each_that_is_missing_is_named(home: Path) -> None:
    folder = backup_of(home, with_secrets=False)
    assert not (folder / "secrets").exists()
    with pytest.raises(BackupError) as missing:
        place_secrets(folder, home.with_name("there"))
    assert all(place in missing.value.sentence for place in NEEDED_ELSEWHERE)
    assert place_secrets(folder, home) == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / MANIFEST).unlink(), "is no whole backup"),
        (lambda folder: (folder / POSTGRES).write_bytes(b"another"), "is damaged"),
        (lambda folder: (folder / POSTGRES).unlink(), "cannot be read"),
        (lambda folder: (folder / MANIFEST).write_text('{"format": 99}'), "by another release"),
        (lambda folder: (folder / MANIFEST).write_text('{"format": 1, "sha256": "0"}'), "by another release"),
        (lambda folder: truncate(folder / "secrets" / NEEDED_ELSEWHERE[0]), "is damaged"),
        (lambda folder: (folder / "secrets" / NEEDED_ELSEWHERE[0]).unlink(), "cannot be read"),
        (lambda folder: (folder / "secrets/write_api/frontrow_added").touch(), "is not of this backup"),
    ],
)
def test_what_is_not_whole_is_refused(home: Path, spoil: object, said: str) -> None:
    folder = backup_of(home)
    assert callable(spoil)
    spoil(folder)
    with pytest.raises(BackupError, match=said):
        verified(folder, 8)


def test_another_number_of_partitions_or_version_of_postgresql_is_refused(home: Path) -> None:
    folder = backup_of(home)
    with pytest.raises(BackupError, match="FRONTROW_PARTITIONS=8"):
        verified(folder, 4)
    with pytest.raises(BackupError, match="was made by PostgreSQL 15, and here is 17"):
        require_version(verified(folder, 8), ["17"])


def test_what_was_accepted_while_the_backup_was_taken_may_be_missing(home: Path) -> None:
    assert undecided({"undecided": 2, "outcomes": 10}, {"undecided": 3, "outcomes": 15}) == 8
    manifest = verified(backup_of(home, undecided=8), 8)
    assert "Up to 8 commands" in summary(manifest)


def test_a_restored_ledger_is_another_one_and_knows_what_it_came_from(home: Path) -> None:
    marks = mark(verified(backup_of(home, undecided=8), 8))
    assert any(statement.startswith("UPDATE ledger SET incarnation =") for statement in marks)
    assert marks[-1].startswith("INSERT INTO restores")
    assert marks[-1].endswith("'topic-1', 8)")


def test_a_backup_is_never_written_over(home: Path) -> None:
    with pytest.raises(BackupError, match="is not empty"):
        make(backup_of(home))


def test_the_command_that_compose_runs_does_the_same_with_the_standard_library_alone(home: Path) -> None:
    folder = home.with_name("backup")
    make(folder)
    (folder / POSTGRES).write_bytes(b"a ledger")
    position = json.dumps({"topic_id": "o'topic", "undecided": 0, "outcomes": 1})

    def run(*arguments: object) -> str:
        command = [sys.executable, "-I", "-S", "-c", _ALONE, *map(str, arguments)]
        return subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout

    assert "Everything that had been accepted" in run("finish", home, folder, position, position, "17", 8)
    assert "PostgreSQL 17" in run("check", folder, 8, "17")
    assert "13 secrets came along" in run("place", home.with_name("there"), folder, 8)
    assert "'o''topic', 0);" in run("mark", folder, 8)


_ALONE = "import sys; sys.path.insert(0, '.'); from infra.moving.__main__ import main; sys.exit(main())"
