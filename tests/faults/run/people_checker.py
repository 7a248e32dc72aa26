"""The checker of people: a walk through what each account and session was told, and what of it cannot be. Pure.

A refresh token is used once: a used one that is taken again is a copy that works. What is lost here is an account that
was registered, or a session that nobody ended.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.faults.run import people
from tests.faults.run.history import Operation, Result


def check(operations: Iterable[Operation], restored_at: float) -> Iterator[str]:
    """Yield what cannot have happened to people. ``restored_at``: who was there before is not looked at."""
    known: dict[str, _Person] = {}
    for operation in sorted(operations, key=lambda one: one.began):
        if operation.session:
            person = known.setdefault(operation.session, _Person(operation.session, before=operation.began))
            if person.before > restored_at:
                yield from _RULES[operation.kind](person, operation)


@dataclass
class _Person:
    """``exists``, ``lives``: whether the account, and its last known session, are there; None: nobody can know.

    ``leaves``: a log-out of that session was not answered. A process that stands still may yet read it, and do it.
    """

    name: str
    before: float
    exists: bool | None = False
    lives: bool | None = False
    leaves: bool = False


def _register(person: _Person, operation: Operation) -> Iterator[str]:
    person.exists = {Result.OK: True, Result.REFUSED: False, Result.UNKNOWN: None}[operation.result]
    if operation.told == "conflict":
        yield f"invented: account {person.name} is there, and nobody has registered it"


def _log_in(person: _Person, operation: Operation) -> Iterator[str]:
    if _said_no(operation) and person.exists:
        yield f"lost: account {person.name} was registered, and its password is not right"
    if operation.result is Result.OK:
        if person.exists is False:
            yield f"invented: {person.name} logged in, and was refused when it registered"
        # One whose answer is lost begins a session too, whose token nobody knows: the known one stays.
        person.exists = person.lives = True
        person.leaves = False


def _log_in_wrongly(person: _Person, operation: Operation) -> Iterator[str]:
    if operation.result is Result.OK:
        yield f"invented: {person.name} logged in with a wrong password"


def _refresh(person: _Person, operation: Operation) -> Iterator[str]:
    if _said_no(operation) and person.lives:
        yield f"lost: a session of {person.name} was not to be refreshed"
    if operation.result is Result.OK and person.lives is False:
        yield f"invented: a session of {person.name} was refreshed after its end"
    # Unknown: its token may be used, and the next one gone with the answer, which is told for some seconds only.
    person.lives = _lives(person, operation)


def _reuse(person: _Person, operation: Operation) -> Iterator[str]:
    if operation.result is Result.OK:
        yield f"doubled: a used token of {person.name} was taken again"
    person.lives = _lives(person, operation)


def _log_out(person: _Person, operation: Operation) -> Iterator[str]:
    if operation.result is Result.OK:
        person.lives = False
    elif operation.result is Result.UNKNOWN:
        person.lives = None
        person.leaves = True
    yield from ()


def _said_no(operation: Operation) -> bool:
    return operation.result is Result.REFUSED and operation.told == "unauthenticated"


def _lives(person: _Person, operation: Operation) -> bool | None:
    """Return whether a session is there after a token of it was brought."""
    if operation.result is Result.OK:
        return None if person.leaves else True
    if operation.result is Result.UNKNOWN:
        return None
    return False if _said_no(operation) else person.lives


_RULES: Final[dict[str, Callable[[_Person, Operation], Iterator[str]]]] = {
    people.REGISTER: _register,
    people.LOG_IN: _log_in,
    people.LOG_IN_WRONG: _log_in_wrongly,
    people.REFRESH: _refresh,
    people.REUSE: _reuse,
    people.LOG_OUT: _log_out,
}
