"""The catalogue's own terms: how events are found by words, place and day. Pure.

``sync_service`` writes an event's keys with these, ``read_api`` asks with them, so that both fold alike.
"""

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

KINDS: Final = ("concert", "sports", "theatre", "movie", "train", "other")
MAX_WORDS: Final = 200
"""How many words of an event it can be found by: those of all its names, and the beginning of a long description."""

_WORD: Final = re.compile(r"\w+")


def folded(text: str) -> str:
    """Return a text without case and accents: what somebody types finds what somebody else wrote."""
    # Taken apart before its case goes, since some letters have none until they are, and after, since some come apart.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def words_of(*texts: str | None) -> list[str]:
    """Return the distinct words of these texts, folded, in order of their first mention."""
    found = (word for text in texts if text for word in _WORD.findall(folded(text)))
    return list(dict.fromkeys(found))[:MAX_WORDS]


def local_time(date: datetime, time_zone: str) -> datetime:
    """Return a moment as clocks in a time zone show it; in UTC where nobody knows the zone."""
    return date.astimezone(_zone(time_zone))


def is_time_zone(name: str) -> bool:
    """Whether this is the IANA name of a time zone."""
    return _known_zone(name) is not None


def _zone(name: str) -> ZoneInfo:
    return _known_zone(name) or ZoneInfo("UTC")


@lru_cache(1_000)
def _known_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # what is no key may be a folder, or a path
        return None


def as_utc(date: str) -> datetime:
    """Return the moment that an RFC 3339 UTC string with ``Z`` says."""
    return datetime.fromisoformat(date).astimezone(UTC)
