"""Rotation of the gateway's access log."""

import os
import signal
from pathlib import Path

import pytest

from infra.native.rotation import BACKUPS, rotate


def _write(folder: Path, size: int) -> tuple[Path, Path]:
    log, pid = folder / "access.log", folder / "nginx.pid"
    log.write_bytes(b"x" * size)
    pid.write_text(f"{os.getpid()}\n")
    return log, pid


def test_a_short_log_stays(tmp_path: Path) -> None:
    log, pid = _write(tmp_path, 10)
    assert not rotate(log, pid, max_bytes=10)
    assert log.exists()


def test_a_long_log_gets_a_number_and_the_gateway_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: told.append((pid, number)))
    for round_ in range(BACKUPS + 2):
        log, pid = _write(tmp_path, 11 + round_)
        assert rotate(log, pid, max_bytes=10)
    assert told == [(os.getpid(), signal.SIGUSR1)] * (BACKUPS + 2)
    kept = sorted(path.name for path in tmp_path.glob("access.log.*"))
    assert kept == [f"access.log.{number}" for number in range(1, BACKUPS + 1)]
    assert (tmp_path / "access.log.1").stat().st_size == 11 + BACKUPS + 1


def test_without_a_gateway_nothing_happens(tmp_path: Path) -> None:
    assert not rotate(tmp_path / "access.log", tmp_path / "nginx.pid")
