"""The folder of a backup: what lies in it, and whether it is whole. Standard library alone.

``postgres.tar.gz`` is PostgreSQL's own base backup; ``secrets/`` has the files of ``NEEDED_ELSEWHERE`` and those that
operators added; ``manifest.json`` is written last, so a folder without it is a backup that did not come to its end.
Whoever has the folder can be anybody on the platform: it is for one's own eyes (700), and so is each file (600).
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from infra.secrets.files import KNOWN, NEEDED_ELSEWHERE

FORMAT: Final = 2
"""Since 2 the manifest has every file's digest; 1 had the archive's alone."""
MANIFEST: Final = "manifest.json"
POSTGRES: Final = "postgres.tar.gz"
SECRETS: Final = "secrets"


class BackupError(Exception):
    """A backup cannot be made or used; the sentence and its remedy."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of. ``undecided``: commands that the log had beyond the ledger then, at most.

    ``topic_id``: the log that the ledger decided; ``sha256``: of every other file of the folder, by its path there.
    """

    taken_at: str
    postgres: str
    partitions: int
    topic_id: str
    undecided: int
    secrets: bool
    sha256: Mapping[str, str]
    format: int = FORMAT


def make(folder: Path) -> None:
    """Make the folder of a new backup.

    Raises:
        BackupError: there is something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty.", "Name a folder that is new: a backup is never written over.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def finish(folder: Path, home: Path, said: Mapping[str, Any], *, with_secrets: bool) -> Manifest:
    """Add the secrets, and the manifest last; ``said``: what only the platform could say of itself."""
    archive = folder / POSTGRES
    archive.chmod(0o600)
    if with_secrets:
        for place in _travelling(home / "secrets"):
            _copy(home / "secrets" / place, folder / SECRETS / place)
    manifest = Manifest(
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
        secrets=with_secrets,
        sha256={str(path.relative_to(folder)): _digest(path) for path in _files(folder)},
        postgres=said["postgres"],
        partitions=said["partitions"],
        topic_id=said["topic_id"],
        undecided=said["undecided"],
    )
    fresh = folder / f".{MANIFEST}"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    with archive.open("rb") as written:
        os.fsync(written.fileno())
    fresh.rename(folder / MANIFEST)
    return manifest


def undecided(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Return how many commands may be on the log and not in a backup taken between these two positions, at most."""
    return int(after["undecided"]) + int(after["outcomes"]) - int(before["outcomes"])


def verified(folder: Path, partitions: int) -> Manifest:
    """Return the manifest of a backup that is whole and fits.

    Raises:
        BackupError: it is not, or does not.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        remedy = "Name the folder that ./start-services.sh backup made; without a manifest it did not come to its end."
        raise BackupError(f"{folder} is no whole backup.", remedy) from None
    if found.get("format") != FORMAT:
        raise BackupError(f"{folder} was made by another release.", "Restore it with that release, then upgrade.")
    manifest = Manifest(**found)
    for name, digest in manifest.sha256.items():
        if _digest(folder / name) != digest:
            raise BackupError(f"{folder / name} is damaged.", "Copy it again, or take another backup.")
    secrets = (f"{SECRETS}/{place}" for place in _travelling(folder / SECRETS))
    if added := [name for name in secrets if name not in manifest.sha256]:
        remedy = f"Move it away; who has secrets besides puts them below FRONTROW_HOME/{SECRETS}."
        raise BackupError(f"{folder / added[0]} is not of this backup.", remedy)
    if manifest.partitions != partitions:
        sentence = f"The backup is of a log with {manifest.partitions} partitions, and here are {partitions}."
        remedy = "Events and bookings live on their partition for good"
        raise BackupError(sentence, f"{remedy}: set FRONTROW_PARTITIONS={manifest.partitions}, and keep it set.")
    return manifest


def require_version(manifest: Manifest, versions: Sequence[str]) -> None:
    """Make sure that the PostgreSQL which made the backup is among these versions.

    Raises:
        BackupError: it is not.
    """
    if manifest.postgres not in versions:
        sentence = (
            f"The backup was made by PostgreSQL {manifest.postgres}, and here is {', '.join(versions) or 'none'}."
        )
        remedy = "Only that version reads it: install it, or restore in the mode, native or Docker, that it came from."
        raise BackupError(sentence, remedy)


def place_secrets(folder: Path, home: Path) -> int:
    """Put the backup's secrets where a platform reads them, and make sure that all are there; returns how many came.

    Raises:
        BackupError: one is missing, or another is there already. Nothing was changed then.
    """
    places = _travelling(folder / SECRETS)
    for place in places:
        ours = home / "secrets" / place
        if ours.exists() and ours.read_bytes() != (folder / SECRETS / place).read_bytes():
            sentence = f"{ours} is another secret than the backup's, and the ledger cannot be read with it."
            raise BackupError(sentence, "Restore into an empty FRONTROW_HOME, or move that file away first.")
    missing = [p for p in NEEDED_ELSEWHERE if p not in places and not (home / "secrets" / p).exists()]
    if missing:
        sentence = f"These secrets are neither in the backup nor in {home / 'secrets'}: {', '.join(missing)}."
        remedy = "Bring them from the former machine's .frontrow/secrets (folders 700, files 600), then restore again."
        raise BackupError(sentence, remedy)
    return sum(_copy(folder / SECRETS / place, home / "secrets" / place) for place in places)


def mark(manifest: Manifest) -> tuple[str, ...]:
    """Return the statements that makes a restored ledger another one than it was, and says where it came from.

    A new incarnation: no view and no cursor that was kept over the former ledger is trusted with this one.
    """
    values = f"{_literal(manifest.taken_at)}, {_literal(manifest.topic_id)}, {int(manifest.undecided)}"
    return (
        "UPDATE ledger SET incarnation = gen_random_uuid()",
        f"INSERT INTO restores (backed_up_at, topic_id, undecided) VALUES ({values})",  # noqa: S608 - literals
    )


def summary(manifest: Manifest) -> str:
    """Return what whoever has just taken or restored a backup should know."""
    if not manifest.undecided:
        lost = "Everything that had been accepted was decided, and is in it."
    else:
        lost = (
            f"Up to {manifest.undecided:,} commands that had been accepted by then are not in it: only the log has "
            "them, and it does not come along."
        )
    keys = "with its secrets" if manifest.secrets else "WITHOUT the secrets that it cannot be read without"
    return f"Backup of {manifest.taken_at}, PostgreSQL {manifest.postgres}, {keys}.\n{lost}"


def _travelling(root: Path) -> list[str]:
    """Return which files below ``root`` go with a backup: what is needed elsewhere, and what operators added."""
    found = (str(path.relative_to(root)) for path in sorted(root.glob("*/frontrow_*")))
    return [place for place in found if place in NEEDED_ELSEWHERE or place not in KNOWN]


def _files(folder: Path) -> list[Path]:
    """Return the files of a backup that are to be found as they were; the manifest is not there yet."""
    return [folder / POSTGRES, *sorted(path for path in (folder / SECRETS).rglob("*") if path.is_file())]


def _copy(source: Path, target: Path) -> bool:
    if target.exists():
        return False
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    return True


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.", "Name a folder that holds a backup.") from None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
