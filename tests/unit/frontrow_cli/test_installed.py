"""What `pipx install .` brings, and what the process' exit status says."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import frontrow_cli
import frontrow_client
from frontrow_cli.exits import MEANING, Exit, of_reason

CHECKOUT = Path(__file__).parents[3]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())


def imported(folder: Path) -> set[str]:
    """Return the top level names that a package imports."""
    trees = [ast.parse(file.read_text()) for file in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)


def test_it_is_installed_with_all_that_it_imports_and_no_more() -> None:
    packages = [Path(package.__file__ or "").parent for package in (frontrow_cli, frontrow_client)]
    declared = {re.split(r"[>\[]", requirement)[0] for requirement in PROJECT["project"]["dependencies"]}
    ours = set(PROJECT["tool"]["setuptools"]["packages"])
    alone = tomllib.loads((CHECKOUT / "frontrow_client" / "pyproject.toml").read_text())["project"]
    extras = [one for extra in alone.get("optional-dependencies", {}).values() for one in extra]
    optional = {re.split(r"[>\[]", requirement)[0] for requirement in extras}
    assert set().union(*map(imported, packages)) - optional == declared | ours


def test_the_client_within_asks_for_the_same_as_the_client_alone() -> None:
    alone = tomllib.loads((CHECKOUT / "frontrow_client" / "pyproject.toml").read_text())
    assert set(alone["project"]["dependencies"]) <= set(PROJECT["project"]["dependencies"])


def test_every_exit_is_explained_in_the_readme() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    table = dict(re.findall(r"^\| `(\d+)` \| (.*?) \|$", readme, flags=re.MULTILINE))
    assert table == {str(int(code)): meaning for code, meaning in MEANING.items()}
    assert set(MEANING) == set(Exit)


def test_a_refusal_ends_by_what_a_script_would_do_about_it() -> None:
    reasons = ("seat_taken", "unknown_event", "forbidden", None, "a later word")
    assert [of_reason(reason) for reason in reasons] == [1, 3, 4, 1, 1]
