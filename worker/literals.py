"""Array literals: columns of a batch as PostgreSQL text, to be cast and unnested by the ledger's statements.

A batch passes some dozen columns of hundreds of values; joining them is ten times cheaper than adapting each value by
itself (docs/decisions/0002-batches.md).
"""

from collections.abc import Iterable


def texts(values: Iterable[str | None]) -> str:
    """Return ``values`` as the text of a ``text[]``; None becomes NULL. Every other value is quoted."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def numbers(values: Iterable[int | None]) -> str:
    """Return ``values`` as the text of an ``int[]`` or ``bigint[]``; None becomes NULL."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def shared(values: Iterable[str]) -> str:
    """Return the one value that all rows of a batch have, as it is: a column that is sent once, and no array."""
    return next(iter(values))


def _quoted(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
