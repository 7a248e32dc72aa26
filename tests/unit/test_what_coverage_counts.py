"""What coverage counts is said twice, for one process and for all of them: both must count the same code."""

import tomllib
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).parents[1]


def of(file: Path) -> dict[str, Any]:
    return dict(tomllib.loads(file.read_text())["tool"]["coverage"])


def test_make_coverage_differs_by_following_processes_alone() -> None:
    following = of(TESTS / "coverage.toml")
    assert following["run"].pop("patch") == ["subprocess"]
    assert following == of(TESTS.parent / "pyproject.toml")
