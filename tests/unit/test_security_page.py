"""Every guard of ``docs/security.md`` is held by a test that is there."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
PAGE: Final = (TESTS.parent / "docs" / "security.md").read_text()
NAMED: Final = re.findall(r"`([a-z0-9_/]+\.py)(?:::(test_\w+))?`", PAGE.partition("**Where secrets")[0])


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    tree = ast.parse((TESTS / file).read_text())
    there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert not test or test in there


def test_no_guard_is_without_a_test() -> None:
    section = PAGE.partition("## Threats and guards")[2].partition("\n**")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 20
    assert [row for row in rows if ".py" not in row.rstrip("| ").rpartition(" | ")[2]] == []
