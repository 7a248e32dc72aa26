"""Whoever compares a secret takes as long wherever the first wrong character is: ``hmac.compare_digest`` alone does.

Read from the code, since no test sees nanoseconds. The places where a secret is compared at all are listed in
``docs/security.md``; most of ours are looked up by their digest instead, and then there is nothing to compare.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

CHECKOUT: Final = Path(__file__).parents[2]
SERVICES: Final = (
    "contracts",
    "runtime",
    "write_api",
    "read_api",
    "webhooks",
    "payments",
    "test_provider",
    "worker",
    "audit",
)
SECRET: Final = re.compile(
    r"(^|_)(token|secret|password|signature|check|mac|hmac|digest|bearer|api_key|cookie|credential)s?($|_hash$|_bytes$)"
)
COMPARED_SAFELY: Final = {"contracts/ids.py": 1, "test_provider/api.py": 1}
"""Where ``compare_digest`` stands; webhooks' signatures are compared by the library, and tokens by theirs."""


NO_SECRETS: Final = {
    "test_provider/books.py digest",
    "audit/auditor/follower.py _digest",
    "audit/auditor/ledger_sections.py digest",
}
"""Of what was asked for under an ``Idempotency-Key``, which whoever asks knows; of the feed's rows."""


def _names(node: ast.AST) -> Iterator[str]:
    """Return what the compared thing is called: a variable, an attribute, what a call returns."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Call(func=func):
            yield from _names(func)
        case ast.Subscript(value=value):
            yield from _names(value)
        case ast.Await(value=value):
            yield from _names(value)


def _compared(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops):
            continue
        sides = [node.left, *node.comparators]
        # A length, a kind or a state that is compared with a word of ours is no secret.
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        for side in sides:
            yield from ((node.lineno, name) for name in _names(side) if SECRET.search(name.lower()))


def _sources() -> list[Path]:
    return [path for service in SERVICES for path in sorted((CHECKOUT / service).rglob("*.py"))]


def test_no_secret_is_compared_with_two_equals_signs() -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}:{line} compares {name}"
        for path in _sources()
        for line, name in _compared(ast.parse(path.read_text()))
        if f"{path.relative_to(CHECKOUT)} {name}" not in NO_SECRETS
    ]
    assert found == []


def test_where_secrets_are_compared_is_known() -> None:
    found = {
        str(path.relative_to(CHECKOUT)): count
        for path in _sources()
        if (count := path.read_text().count("compare_digest("))
    }
    assert found == COMPARED_SAFELY


@pytest.mark.parametrize(
    "line", ["given == self._secret", "token != expected", "digest(token) == row.token_hash", "a == await signature()"]
)
def test_the_reader_sees_what_it_looks_for(line: str) -> None:
    assert list(_compared(ast.parse(f"async def f():\n    {line}")))
