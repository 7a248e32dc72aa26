"""Reading: documents of the view that may be damaged. Pure; ``view_sections`` enters here.

A hand, or a disk, may have taken a field away, or left something else in it. Such a document is a violation like
others; raised, it would end the auditor, and the next one when it comes to the same document, and nothing would be
proved (tests: ``test_a_block_without_its_status_cannot_be_read_and_all_else_is_looked_at``,
``test_a_booking_that_holds_something_else_is_told_whether_it_was_decided_or_not``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from audit.auditor.violations import Violation

_DAMAGED: Final = (LookupError, ValueError, TypeError, AttributeError)
"""What comes of fields that are not there, or are not what they should be."""

_TYPES: Final = {"event_id": str, "kind": str, "seat_ids": list, "status": str, "target": str, "version": int}
"""Of the fields that are compared by more than whether they are the same, or are told as they are."""

T = TypeVar("T")


class AnotherTypeError(TypeError):
    """A field holds something of another type."""


def typed(document: Mapping[str, Any]) -> None:
    """Raise where a field that must be of its type is of another one.

    Raises:
        AnotherTypeError: see there.
    """
    for name, kind in _TYPES.items():
        if name in document and not isinstance(document[name], kind):
            msg = f"its {name} is of the type {type(document[name]).__name__}"
            raise AnotherTypeError(msg)


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
            typed(document)
            made[document["_id"]] = make(document)
        except _DAMAGED as error:
            damaged[document["_id"]] = _why(error)
    return made, damaged


def _why(error: Exception) -> str:
    # Never the value itself: it may be somebody's, and the report is public.
    if isinstance(error, AnotherTypeError):
        return str(error)
    return f"{error} is missing" if isinstance(error, KeyError) else f"what it holds is a {type(error).__name__}"
