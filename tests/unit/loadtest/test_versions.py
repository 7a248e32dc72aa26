"""What a server's program says of its version, wherever it says it."""

from pathlib import Path

import pytest

from loadtest.bench.versions import said


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("echo 'nginx version: nginx/1.22.1' >&2", "1.22.1"),
        ("echo 'postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'", "15.18"),
        ("echo 'Redis server v=7.0.15 sha=00000000:0'", "7.0.15"),
        ("echo none; exit 1", "unknown"),
    ],
)
def test_the_first_version_that_a_program_says_is_its_own(says: str, version: str, tmp_path: Path) -> None:
    program = tmp_path / "server"
    program.write_text(f"#!/bin/sh\n{says}\n")
    program.chmod(0o755)
    assert said(program, "--version") == version


def test_of_a_program_that_is_not_there_nothing_is_known() -> None:
    assert said(None, "--version") == "unknown"
