"""Finding the platform: load insists on health, the checker does not."""

import os
from pathlib import Path

import pytest

from loadtest import check
from loadtest.running import NotRunningError, Platform, find

NOWHERE = "http://127.0.0.1:9"


def test_load_needs_a_platform_that_answers() -> None:
    with pytest.raises(NotRunningError, match="does not answer"):
        find(NOWHERE)


def test_the_checker_runs_when_the_gateway_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def run(_platform: Platform, _service: str, module: str, _arguments: object, *, within_s: float) -> int:
        assert within_s > 0
        ran.append(module)
        return 0

    monkeypatch.setenv("FRONTROW_URL", NOWHERE)
    monkeypatch.setattr(Platform, "run", run)
    assert check.main() == 0
    assert ran == ["audit"]


def test_what_runs_in_containers_is_asked_in_the_project_of_its_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mode").write_text("docker\n")
    (tmp_path / "docker").write_text("mine\n")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\necho "$COMPOSE_PROJECT_NAME $*" >{tmp_path}/asked\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    assert find(NOWHERE, healthy=False).run("audit", "audit", within_s=10) == 0
    assert (tmp_path / "asked").read_text().startswith("mine compose exec")
