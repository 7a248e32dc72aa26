"""Subject: what one channel tells about, an event or a booking.

``hub`` and ``channel`` know no more of it than this. What it shows moves only in ``take`` and ``change``, so that the
channel's last message and the next snapshot are of the same moment.
"""

import hashlib
from typing import Any, Protocol

from read_api.view import Watermark
from runtime.mongo_watch import Change


class Subject(Protocol):
    """``kind`` and ``key`` name it; ``partition``: whose watermark dates it."""

    kind: str
    lost: bool
    """Whether something may have changed that was not noted: it must be read again."""

    @property
    def key(self) -> str: ...  # noqa: D102

    @property
    def partition(self) -> int: ...  # noqa: D102

    @property
    def size(self) -> int:
        """What it takes of the hub's memory, in seats."""
        ...

    @property
    def mark(self) -> str:
        """The id of what is shown: the same in every process, and of nothing else that was ever shown."""
        ...

    @property
    def ended(self) -> bool:
        """Whether nothing will come of it any more by itself."""
        ...

    async def read(self) -> Any:  # noqa: ANN401 - each knows its own
        """Return what the view has now, for ``take``.

        Raises:
            MongoAwayError, ProblemError: it cannot be read, or is not there.
        """
        ...

    def take(self, found: Any) -> bool:  # noqa: ANN401 - what ``read`` returned
        """Show what was read, unless newer is shown; returns whether it is another ledger's, so not a change."""
        ...

    def note(self, change: Change) -> None:
        """Keep a change for the next ``change``."""
        ...

    def pass_time(self, watermark: Watermark) -> None:
        """Hear that every change up to this watermark was noted."""
        ...

    def snapshot(self) -> bytes:
        """Return all of what is shown, as JSON."""
        ...

    def change(self) -> bytes | None:
        """Show what was noted; returns what is different from the last message, as JSON, or None."""
        ...


def digest(*of: str) -> str:
    """Return what tells the marks of these from all others'."""
    return hashlib.blake2b(repr(of).encode(), digest_size=5).hexdigest()
