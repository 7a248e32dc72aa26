"""Recorder: a worker that writes its transactions down as a script for ``pgbench``; otherwise it is the real one.

``python -m loadtest.bench.recorder <file>`` with the settings of the worker; ``replay`` starts it. Written is what was
committed, statement by statement with all values in it, and where the worker waited for PostgreSQL's answers.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO
from unittest.mock import patch

import psycopg

from worker.__main__ import main as work

BEGINS: Final = "\\startpipeline\n"
ENDS: Final = "\\endpipeline\n"
"""So ``pgbench`` is told to wait for the answers to everything since it began."""
COMMITTED: Final = f"COMMIT;\n{ENDS}"
"""The end of every transaction."""


class Recording(psycopg.Connection[Any]):
    """A connection that writes down what is said on it: what is said on a pipeline, once that is committed."""

    script: TextIO
    _said: list[str] | None = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> psycopg.Cursor[Any]:  # noqa: ANN401 - its parent's
        """Execute a statement and note it."""
        line = as_line(psycopg.ClientCursor(self).mogrify(query, params))
        if self._said is not None:
            self._said.append(line)
        else:
            self._write(line)
        return super().execute(query, params, **options)

    @contextmanager
    def pipeline(self) -> Iterator[psycopg.Pipeline]:
        """Yield a pipeline that notes when it is waited for."""
        self._said = [BEGINS]
        try:
            with super().pipeline() as pipeline, patch.object(pipeline, "sync", partial(self._sync, pipeline.sync)):
                yield pipeline
            self._write(*self._said, ENDS)
        finally:
            self._said = None

    def _sync(self, sync: Callable[[], None]) -> None:
        if self._said is not None:
            self._said += [ENDS, BEGINS]
        sync()

    def _write(self, *lines: str) -> None:
        self.script.writelines(lines)
        self.script.flush()


def as_line(statement: str) -> str:
    """Return a statement as a line of the script. What is no variable must not look like one: ``:null`` in JSON."""
    return " ".join(statement.split("\n")).replace('":', '": ') + ";\n"


def main() -> int:
    """Work, and write it down."""
    with Path(sys.argv[1]).open("w", encoding="utf-8") as script:
        Recording.script = script
        with patch.object(psycopg, "connect", Recording.connect):
            return work()


if __name__ == "__main__":
    sys.exit(main())
