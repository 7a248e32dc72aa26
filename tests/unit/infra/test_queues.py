"""ARCHITECTURE.md's table of queues says what the code says."""

import re

import pytest

from tests.frontrow import CHECKOUT

HEADING = "## Queues and their bounds"
NUMBER = re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?")
SAID = re.compile(r"`([^`]+)`: `([^`]+)`")


def rows() -> list[list[str]]:
    text = (CHECKOUT / "ARCHITECTURE.md").read_text().split(HEADING)[1]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row[0]))
def test_each_bound_is_said_where_the_table_says(row: list[str]) -> None:
    (said,) = SAID.findall(row[-1])
    file, words = said
    assert words in (CHECKOUT / file).read_text()
    number = NUMBER.findall(words)[-1].replace("_", "")
    assert f"{float(number):,g}" in row[1]
