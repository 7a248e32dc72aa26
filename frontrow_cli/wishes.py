"""Wishes: what is asked for, each under its ``Idempotency-Key``, on the disk before it is sent.

Every command that changes something enters here. A wish stays until its answer is there: whoever was killed, cut off or
interrupted asks the same again, under the same key, and gets the same booking
(test: ``test_a_command_that_was_killed_comes_back_to_its_booking``). A wish that another living command is busy with
is left to that one: its file is locked.
"""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from frontrow_cli import private_files
from frontrow_client import FrontrowError, OutcomeUnknownError

MOST_KEPT: Final = 200
"""Of bookings that are remembered for whoever has no session: more than anybody looks through."""


@dataclass(slots=True)
class Wish:
    """What is asked for. ``came_back``: since when, in seconds of the wall clock, where it was asked before."""

    key: str
    what: Mapping[str, Any]
    came_back: float | None = None


class Remembered(NamedTuple):
    """A booking that was asked for on this machine."""

    booking_id: str
    event_id: str


class Wishes:
    """Those of one person at one Frontrow; ``about``: what tells them from all others."""

    def __init__(self, state: Path, **about: str) -> None:
        self._folder = state / "wishes"
        self._remembered = state / "bookings.jsonl"
        self._about = about

    @contextmanager
    def asked(self, **what: Any) -> Iterator[Wish]:  # noqa: ANN401 - JSON
        """Yield the wish for ``what``, the former one where its answer never came; gone once this block ends well."""
        whole = {**self._about, **what}
        with self._taken_up(whole) as (wish, path):
            try:
                yield wish
            except OutcomeUnknownError:
                raise
            except FrontrowError:
                path.unlink(missing_ok=True)  # it was not accepted, so there is nothing to come back to
                raise
            path.unlink(missing_ok=True)

    def latest(self, kind: str) -> Mapping[str, Any] | None:
        """Return what was asked last, of this kind, and has no answer yet."""
        left = [
            document
            for path in self._folder.glob("*.json")
            if (document := private_files.read(path)) is not None
            and document["what"].get("kind") == kind
            and document["what"].get("url") == self._about.get("url")
        ]
        newest = max(left, key=lambda document: document["at"], default=None)
        return newest["what"] if newest else None

    def remember(self, booking_id: str, event_id: str) -> None:
        """Keep a booking's id for whoever has no session to list it in."""
        if all(one.booking_id != booking_id for one in self.remembered()):
            line = {**self._about, "booking_id": booking_id, "event_id": event_id}
            private_files.append(self._remembered, line)

    def remembered(self) -> list[Remembered]:
        """Return the bookings, the newest first."""
        with suppress(FileNotFoundError):
            lines = self._remembered.read_text(encoding="utf-8").splitlines()
            documents = [private_files.parsed(line) for line in reversed(lines)]
            own = [one for one in documents if one and self._about.items() <= one.items()]
            return [Remembered(one["booking_id"], one["event_id"]) for one in own[:MOST_KEPT]]
        return []

    @contextmanager
    def _taken_up(self, whole: Mapping[str, Any]) -> Iterator[tuple[Wish, Path]]:
        # One command at a time looks and takes, or two would take up the same wish.
        with private_files.locked(self._folder.with_suffix(".lock")):
            wish, path, held = self._left(whole) or self._new(whole)
        try:
            yield wish, path
        finally:
            os.close(held)

    def _left(self, whole: Mapping[str, Any]) -> tuple[Wish, Path, int] | None:
        for path in sorted(self._folder.glob("*.json")):
            document = private_files.read(path)
            if document is not None and document["what"] == whole and (held := _hold(path)) is not None:
                return Wish(document["key"], whole, document["at"]), path, held
        return None

    def _new(self, whole: Mapping[str, Any]) -> tuple[Wish, Path, int]:
        wish = Wish(secrets.token_hex(16), whole)
        path = self._folder / f"{time.time_ns()}-{wish.key[:8]}.json"
        private_files.write(path, {"key": wish.key, "what": whole, "at": time.time()})
        held = _hold(path)
        if held is None:
            msg = f"somebody else holds {path}"
            raise RuntimeError(msg)
        return wish, path, held


def _hold(path: Path) -> int | None:
    """Hold a wish until the descriptor is closed or this process dies; None while somebody else does."""
    try:
        held = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    if not path.exists():  # its answer came while we looked
        os.close(held)
        return None
    return held


def digest(content: bytes) -> str:
    """Return what tells a content from all others and does not give it away."""
    return hashlib.sha256(content).hexdigest()
