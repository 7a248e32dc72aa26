"""Marks: what a message is known by when its place is looked at again.

Offsets alone do not tell: a log that lost its end (one broker, a power cut) gives the same offsets to other messages.
So the ledger keeps the mark of the last message that was decided of each partition, and whoever goes on there compares
(``LogConsumer.place``). Pure.
"""

import hashlib
from typing import Final

DIGEST_BYTES: Final = 8
"""Enough to tell one message from another; nobody is kept from making two alike on purpose."""


def mark_of(stamp_ms: int, value: str | bytes | None) -> str:
    """Return the broker's stamp, which tells ticks apart, and a digest of the value, which tells a burst apart."""
    content = value.encode() if isinstance(value, str) else value or b""
    return f"{stamp_ms}-{hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()}"
