"""Reading: documents of the view that may be damaged. Pure; ``view_sections`` enters here.

A hand, or a disk, may have taken a field away, or left something else in it. Such a document is a violation like
others; raised, it would end the auditor, and the next one when it comes to the same document, and nothing would be
proved (test: ``test_a_block_without_its_status_cannot_be_read_and_all_else_is_looked_at``).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from audit.auditor.violations import Violation

_DAMAGED: Final = (LookupError, ValueError, TypeError, AttributeError)
"""What comes of fields that are not there, or are not what they should be."""

T = TypeVar("T")


def readable(found: Iterator[Violation], what: str, event_id: str) -> Iterator[Violation]:
    """Yield what a comparison finds, or that what it reads cannot be read."""
    try:
        yield from found
    except _DAMAGED as error:
        yield Violation(f"{what} cannot be read", event_id, view_says=_why(error))


def read(
    documents: Iterable[dict[str, Any]], make: Callable[[dict[str, Any]], T]
) -> tuple[dict[str, T], dict[str, str]]:
    """Return what is made of documents, and of which nothing can be, and why; both by id."""
    made, damaged = dict[str, T](), dict[str, str]()
    for document in documents:
        try:
            made[document["_id"]] = make(document)
        except _DAMAGED as error:
            damaged[document["_id"]] = _why(error)
    return made, damaged


def _why(error: Exception) -> str:
    # Never the value itself: it may be somebody's, and the report is public.
    return f"{error} is missing" if isinstance(error, KeyError) else f"what it holds is a {type(error).__name__}"
