"""A campaign plays all of its seeds, whatever becomes of one."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.run import campaign, site


def test_a_seed_that_does_not_end_is_not_passed_its_platform_is_stopped_and_the_others_are_played(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    begun, stopped = [], []
    run = subprocess.run

    def never_ends(command: list[str], **options: Any) -> Any:  # noqa: ANN401 - as subprocess has them
        if "tests.faults.run" not in command:
            return run(command, check=options.pop("check", False), **options)
        begun.append(command[command.index("--seed") + 1])
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(subprocess, "run", never_ends)
    monkeypatch.setattr(site, "stop_what_is_left", lambda: stopped.append(len(begun)))
    monkeypatch.setattr(campaign, "RESULTS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["campaign", "7-8"])
    assert campaign.main() == 1
    assert begun == ["7", "8"]
    assert stopped == [1, 2]
    assert "not passed: 7, 8" in capsys.readouterr().out
