"""Array literals: columns of a batch as PostgreSQL text, to be cast and unnested by the ledger's statements.

A batch passes some dozen columns of hundreds of values; joining them is ten times cheaper than adapting each value by
itself (docs/decisions/0002-batches.md), and quoting a column as one text twice as cheap as value by value.
"""

from collections.abc import Iterable, Sequence
from typing import Final

_BETWEEN: Final = "\0"
"""Stands between two values while a column is quoted: PostgreSQL's texts cannot have it, so that values rarely do."""
_NEXT: Final = '","'


def texts(values: Iterable[str | None]) -> str:
    """Return ``values`` as the text of a ``text[]``; None becomes NULL. Every other value is quoted."""
    column = tuple(values)
    if not column:
        return "{}"
    if None in column:
        return _with_nulls(column)
    joined = _BETWEEN.join(column)  # type: ignore[arg-type]  # there is no None
    if joined.count(_BETWEEN) != len(column) - 1:  # for PostgreSQL to refuse, and not for us to cut in two
        return _with_nulls(column)
    return f'{{"{_escaped(joined).replace(_BETWEEN, _NEXT)}"}}'


def numbers(values: Iterable[int | None]) -> str:
    """Return ``values`` as the text of an ``int[]`` or ``bigint[]``; None becomes NULL."""
    return "{" + str(list(values))[1:-1].replace("None", "NULL") + "}"


def shared(values: Iterable[str]) -> str:
    """Return the one value that all rows of a batch have, as it is: a column that is sent once, and no array."""
    return next(iter(values))


def _with_nulls(column: Sequence[str | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else f'"{_escaped(value)}"' for value in column]) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
