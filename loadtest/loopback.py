"""Loopback: the one rule about where this room sends load."""

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def refuse_unless_loopback(url: str) -> None:
    """Refuse any host but this machine's loopback interface.

    Raises:
        ValueError: the address points elsewhere.
    """
    if urlsplit(url).hostname not in LOOPBACK:
        msg = f"{url} is not on this machine's loopback interface; load is sent nowhere else"
        raise ValueError(msg)
