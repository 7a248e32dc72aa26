"""Finding the platform: load insists on health, the checker does not."""

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
