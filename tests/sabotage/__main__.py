"""``make sabotage``: every row of the table, and which test noticed. Exit status 1 when one was not noticed.

First all catchers run on the tree as it is; one that does not pass catches nothing, since its failing would say
nothing. Then each row is applied to the copy, its catcher runs and must fail by a test's own word (what breaks the
import of a test proves nothing), and the copy is put right again. ``ONLY=`` takes those rows whose name holds the text.
No row begins after ``RUN_WITHIN_S``.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from infra.native.instance import STORES, Instance
from tests.sabotage.table import LINT, SABOTAGES, Edit, Sabotage

CHECKOUT: Final = Path(__file__).parents[2]
RUN_WITHIN_S: Final = 2_700.0
"""A quiet machine takes a fifth of it for everything. Rows that have not begun by then are told, and not caught."""
CATCHER_WITHIN_S: Final = 900.0
"""All of them together on a busy machine; a quiet one takes a tenth. What takes longer catches nothing."""
ATTEMPTS: Final = 4
"""A busy machine may fail to start what a test needs: that says nothing, and is tried again."""


LAST_WORDS: Final = 2_000
"""Characters of what pytest said, for whoever looks."""


class DoesNotApplyError(Exception):
    """A row of the table does not fit the source any more."""


def main() -> int:
    """Run all of them; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make sabotage", description=__doc__)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    only = parser.parse_args().only
    rows = [row for row in SABOTAGES if only in row.name]
    began = time.monotonic()
    env = _environment()
    instance = Instance.from_environment(env)
    instance.reset()
    with tempfile.TemporaryDirectory(prefix="frontrow-sabotage-") as folder:
        tree = _copy(Path(folder))
        try:
            instance.start(STORES)
            tests = sorted({row.caught_by for row in rows} - {LINT})
            _say(f"{len(tests)} tests on the tree as it is")
            useless = _failing(tree, env, tests)
            missed = [row.name for row in rows if row.caught_by in useless]
            for name in missed:
                _say(f"| {name} | its catcher does not pass as it is: what it would say means nothing | 0 |")
            tried = [row for row in rows if row.caught_by not in useless]
            missed += [row.name for row in tried if not _run_in_time(row, tree, env, began)]
        finally:
            instance.reset()
    _say(
        f"{len(rows) - len(missed)} of {len(rows)} sabotages caught, in {time.monotonic() - began:.0f} s"
        + "".join(f"\nNOT CAUGHT: {name}" for name in missed)
    )
    return 1 if missed else 0


def _run_in_time(row: Sabotage, tree: Path, env: dict[str, str], began: float) -> bool:
    if time.monotonic() - began < RUN_WITHIN_S:
        return run(row, tree, env)
    _say(f"| {row.name} | not tried: {RUN_WITHIN_S:.0f} s are over | 0 |")
    return False


def run(row: Sabotage, tree: Path, env: dict[str, str]) -> bool:
    """Sabotage the tree, ask the catcher, put the tree right again; return whether it was caught."""
    began = time.monotonic()
    try:
        with _sabotaged(row.edits, tree):
            caught, why = _lint(tree) if row.caught_by == LINT else _caught(tree, env, row.caught_by)
    except DoesNotApplyError as error:
        caught, why = False, str(error)
    except subprocess.TimeoutExpired as error:
        caught, why = False, f"it did not end within {error.timeout:.0f} s"
    name = row.caught_by.rpartition("::")[2]
    _say(f"| {row.name} | {name if caught else f'NOT CAUGHT by {name}: {why}'} | {time.monotonic() - began:.1f} |")
    return caught


def _failing(tree: Path, env: dict[str, str], tests: Sequence[str]) -> frozenset[str]:
    """Return which of the tests fail whatever we do."""
    failing = list(tests)
    for _ in range(ATTEMPTS):
        try:
            status, said = _pytest(tree, env, failing)
        except subprocess.TimeoutExpired as error:
            _say(f"{len(failing)} tests did not end within {error.timeout:.0f} s, each of which may be why")
            break
        if status == 0:
            return frozenset()
        found = set(re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", said, re.MULTILINE))
        failing = [test for test in failing if test in found] or failing
        _say(said[-LAST_WORDS:])
    return frozenset(failing)


def _caught(tree: Path, env: dict[str, str], test: str) -> tuple[bool, str]:
    said = ""
    for _ in range(ATTEMPTS):
        status, said = _pytest(tree, env, [test])
        if status == 0:
            return False, "it passes"
        if status == 1 and re.search(r"\b\d+ failed\b", said):
            return True, ""
    return False, f"it says nothing of it: {said[-LAST_WORDS:]}"


def _pytest(tree: Path, env: dict[str, str], tests: Sequence[str]) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(
        command, cwd=tree, env=env, capture_output=True, text=True, timeout=CATCHER_WITHIN_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


def _lint(tree: Path) -> tuple[bool, str]:
    command = [str(Path(sys.executable).with_name(LINT)), "--no-cache"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=CATCHER_WITHIN_S, check=False)
    return "BROKEN" in done.stdout, done.stdout[-LAST_WORDS:]


@contextmanager
def _sabotaged(edits: Sequence[Edit], tree: Path) -> Iterator[None]:
    paths = {edit.file: tree / edit.file for edit in edits}
    originals = {path: path.read_text() for path in paths.values()}
    try:
        for edit in edits:
            apply(edit, paths[edit.file])
        yield
    finally:
        for path, text in originals.items():
            path.write_text(text)


def apply(edit: Edit, path: Path) -> None:
    """Change the one place of the file.

    Raises:
        DoesNotApplyError: it is not there, or not only there.
    """
    text = path.read_text()
    if (times := text.count(edit.before)) != 1:
        msg = f"{edit.file} holds what is to be changed {times} times"
        raise DoesNotApplyError(msg)
    path.write_text(text.replace(edit.before, edit.after))


def _copy(folder: Path) -> Path:
    """Copy what git knows, and what it would be told of next."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    tree = folder / "tree"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (CHECKOUT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, tree / name)
    return tree


def _environment() -> dict[str, str]:
    """Return what the tests in the copy are told: whose stores they may use."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("FRONTROW_", "PYTEST_"))}
    places = {
        "HOME": os.environ.get("FRONTROW_SABOTAGE_HOME", str(CHECKOUT / ".frontrow" / "sabotage")),
        "PORT": os.environ.get("FRONTROW_SABOTAGE_PORT", "8480"),
        "BASE_PORT": os.environ.get("FRONTROW_SABOTAGE_BASE_PORT", "18700"),
    }
    return {
        **inherited,
        "PYTHONDONTWRITEBYTECODE": "1",  # an edit within a second of the last would be hidden by a compiled one
        "FRONTROW_TEST_LENT": "1",
        **{f"FRONTROW_{name}": value for name, value in places.items()},
        **{f"FRONTROW_TEST_{name}": value for name, value in places.items()},
    }


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
