"""Comparison: two views' documents beside each other, and a view's beside what the ledger makes of it now. Pure.

``rebuild`` enters here. Two views that stand at the same row of the feed are equal, document by document; where they
are not, one of them is wrong, and a person should know before the old one is gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

Document = Mapping[str, Any]

SHOWN: Final = 200
"""Characters of a value that are told of a difference."""


class Key(NamedTuple):
    """Which document."""

    collection: str
    key: str


class Pages:
    """Two collections read page by page in order of id; ``limit``: documents a page."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.after = ""
        self.done = False

    def take(self, old: Sequence[Document], new: Sequence[Document]) -> tuple[dict[str, Document], dict[str, Document]]:
        """Return the documents of both that can be compared: a page that is full says nothing of what follows it."""
        full = [page[-1]["_id"] for page in (old, new) if len(page) == self.limit]
        self.done = not full
        last = min(full, default=None)
        if last is not None:
            self.after = last
        return tuple(  # type: ignore[return-value] # two of them
            {document["_id"]: document for document in page if last is None or document["_id"] <= last}
            for page in (old, new)
        )


def different(old: Mapping[str, Document], new: Mapping[str, Document]) -> Iterator[str]:
    """Yield the ids of documents that are not the same in both."""
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield key


def sentence(key: Key, old: Document | None, new: Document | None, *, names: tuple[str, str]) -> str:
    """Say how a document differs; ``names`` of the two sides."""
    where = f"{key.collection} {key.key}"
    if old is None or new is None:
        there, gone = (names[1], names[0]) if old is None else names
        return f"{where}: {there} has it, {gone} does not"
    fields = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    told = "; ".join(
        f"{name} is {_short(old.get(name))} in {names[0]}, {_short(new.get(name))} in {names[1]}" for name in fields
    )
    return f"{where}: {told}"


def behind(shown: Iterable[Document], now: Iterable[Document]) -> tuple[dict[str, int], set[str]]:
    """Hold an event's documents against what the ledger makes of them now: which are behind what version, and wrong.

    The documents were read first, so none can rightly be ahead, or there without being in the ledger.
    """
    documents = {document["_id"]: document for document in shown}
    late, wrong = dict[str, int](), set[str]()
    for should in now:
        document = documents.pop(should["_id"], None)
        if document is None or document["version"] < should["version"]:
            late[should["_id"]] = should["version"]
        elif document != should:
            wrong.add(should["_id"])
    return late, wrong | documents.keys()


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
