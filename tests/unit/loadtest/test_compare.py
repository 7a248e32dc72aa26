"""What ``make bench-compare`` takes for a run."""

from pathlib import Path

import pytest

from loadtest.bench.compare import run_of
from loadtest.bench.results import Run, to_json

RUN = Run("abc1234", "2026-11-25T10:00:00Z", "2 cores.", {}, 590, [], {}, [], [])


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text(to_json(RUN))
    assert run_of(str(tmp_path / "bench.json")) == RUN


def test_a_file_that_holds_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match=r"other\.json: this is no result of make bench"):
        run_of(str(tmp_path / "other.json"))


@pytest.mark.parametrize("name", ["no-such-commit", "--output=x"])
def test_what_is_neither_file_nor_commit_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="neither a file nor a commit"):
        run_of(name)
