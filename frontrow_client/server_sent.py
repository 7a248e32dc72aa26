"""Server-Sent Events, read: bytes as they come, messages as they are complete. Pure.

``following`` enters here with each line that it listens on. It reads the form as the HTML standard says it, and must
never keep more than ``MAX_MESSAGE_BYTES`` of a message that does not end.
"""

import re
from typing import Final, NamedTuple

MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
"""Ten times the snapshot of the largest hall whose seats are told; more comes from no Frontrow."""
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class ServerSent(NamedTuple):
    """One message; ``mark`` is the last id that was said, this time or before."""

    name: str
    data: str
    mark: str


class TooLongError(Exception):
    """A message that does not end."""


class Parser:
    """Reads one line. ``retry_s``: how long to wait before coming back, once that was said."""

    def __init__(self, mark: str = "") -> None:
        self.retry_s: float | None = None
        self._mark = mark
        self._rest = b""
        self._name = ""
        self._data: list[str] = []
        self._bytes = 0

    def feed(self, data: bytes) -> list[ServerSent]:
        """Return the messages that are complete now.

        Raises:
            TooLongError: one does not end.
        """
        self._bytes += len(data)
        text = self._rest + data
        # A carriage return may be the first half of a line's end: the other half tells, when it is there.
        held_back = text[-1:] if text.endswith(b"\r") else b""
        *lines, rest = _LINE_END.split(text[: len(text) - len(held_back)])
        self._rest = rest + held_back
        messages = [message for line in lines if (message := self._read(line.decode(errors="replace")))]
        if self._bytes > MAX_MESSAGE_BYTES:
            raise TooLongError
        return messages

    def _read(self, line: str) -> ServerSent | None:
        if not line:
            return self._complete()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._mark = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry_s = int(value) / 1000
            case _:  # a comment, or a field that nobody knows yet
                pass
        return None

    def _complete(self) -> ServerSent | None:
        name, data = self._name or "message", self._data
        self._name, self._data, self._bytes = "", [], 0
        return ServerSent(name, "\n".join(data), self._mark) if data else None
