"""Every sabotage fits the source as it is now, and names a test that is there."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sabotage.__main__ import DoesNotApplyError, apply, run
from tests.sabotage.table import LINT, SABOTAGES, Edit, Sabotage

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize("row", SABOTAGES, ids=lambda row: row.name)
def test_a_sabotage_applies_to_the_letter(row: Sabotage, tmp_path: Path) -> None:
    copy = tmp_path / "source"
    for edit in row.edits:
        copy.write_text((CHECKOUT / edit.file).read_text())
        apply(edit, copy)
        if edit.file.endswith(".py"):
            compile(copy.read_text(), edit.file, "exec")


@pytest.mark.parametrize("row", SABOTAGES, ids=lambda row: row.name)
def test_its_catcher_is_there(row: Sabotage) -> None:
    if row.caught_by != LINT:
        file, _, name = row.caught_by.partition("::")
        assert f"def {name}(" in (CHECKOUT / file).read_text()


def test_each_has_a_name_of_its_own() -> None:
    assert len({row.name for row in SABOTAGES}) == len(SABOTAGES) >= 15


@pytest.mark.parametrize("text", ["nothing", "twice twice"])
def test_what_does_not_apply_is_said(text: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text(text)
    with pytest.raises(DoesNotApplyError):
        apply(Edit("source", "twice", "once"), source)


def test_a_catcher_that_does_not_end_in_time_has_caught_nothing_and_the_tree_is_put_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def takes_too_long(command: list[str], **_options: Any) -> None:  # noqa: ANN401 - as subprocess has them
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", takes_too_long)
    (tmp_path / "source").write_text("once")
    edits = (Edit("source", "once", "never"),)
    assert not run(Sabotage("one", edits, "tests/unit/test_it.py::test_it"), tmp_path, {})
    assert (tmp_path / "source").read_text() == "once"
    assert "| one | NOT CAUGHT by test_it: it did not end within 1 s | " in capsys.readouterr().out
