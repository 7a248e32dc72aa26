"""Printing: what people read, or what the API said. The only room that writes to the terminal, ``picking`` apart.

Results go to standard output; progress, hints and failures to standard error, so that a pipe gets results alone. Rich
leaves colour out where nobody sees it: in a pipe, with ``NO_COLOR``, on a terminal that has none.
"""

import codecs
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from rich.console import Console, RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from frontrow_cli.words import Words

_INSTEAD: Final = {"·": "-", "→": ">", "…": "...", "█": "#", "░": "."}
"""Our own signs, where the terminal knows ASCII alone; of a name it shows what it can."""


class Printer:
    """Prints for one command; ``as_json``: what the API said, and nothing else on standard output."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            _show_what_can_be_shown(stream)
        self.out = Console(highlight=False, soft_wrap=False)
        self.err = Console(stderr=True, highlight=False)

    def show(self, *what: RenderableType) -> None:
        """Print for people."""
        if not self.as_json:
            for one in what:
                self.out.print(one)

    def document(self, document: Any) -> None:  # noqa: ANN401 - JSON
        """Print what the API said, indented where somebody reads it."""
        if self.as_json:
            indent = 2 if sys.stdout.isatty() else None
            sys.stdout.write(json.dumps(document, indent=indent, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def words(self, words: Words, style: str = "") -> None:
        """Print a sentence of the result and what to do next."""
        if words.what:
            self.show(Text(words.what, style=style))
        self.hint(words.next)

    def hint(self, text: str) -> None:
        """Say what to do next."""
        if text and not self.as_json:
            self._next(self.out, text)

    def note(self, text: str) -> None:
        """Say something beside the result."""
        self.err.print(Text(text))

    def failure(self, words: Words, *more: str) -> None:
        """Say what went wrong and what to do next."""
        if self.as_json:
            return
        for line in more:
            self.err.print(Text(line))
        self.err.print(Text(words.what, style="bold red"))
        if words.next:
            self._next(self.err, words.next)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show that something takes a while, where somebody looks."""
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        with Progress(
            *columns, console=self.err, transient=True, disable=self.as_json or not self.err.is_terminal
        ) as bar:
            bar.add_task(what)
            yield

    @property
    def unicode(self) -> bool:
        """Whether the terminal shows more than ASCII."""
        return self.out.encoding.lower().startswith("utf")

    def _next(self, console: Console, text: str) -> None:
        # Not broken into lines: it is there to be copied.
        console.print(Text(f"{'→' if self.unicode else '>'} {text}", style="dim"), soft_wrap=True)


def _show_what_can_be_shown(stream: TextIO) -> None:
    """Let a terminal that lacks a character show another one, rather than end the command."""
    if isinstance(stream, io.TextIOWrapper) and not (stream.encoding or "").lower().startswith("utf"):
        codecs.register_error("frontrow", _instead)
        stream.reconfigure(errors="frontrow")


def _instead(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_INSTEAD.get(character, "?") for character in lacking), error.end
