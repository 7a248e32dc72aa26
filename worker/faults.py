"""Faults: what an error from PostgreSQL means for the batch that met it.

Every error is one of four. AWAY: the server or the connection is gone; keep the batch, wait, try again for as long as
it takes. AGAIN: another transaction was in the way; try again at once. POISON: some value cannot be kept; find its
message. Anything else is a bug and ends the process. Taking AGAIN for POISON would fail an innocent booking for ever
(test: ``test_a_transaction_in_the_way_is_no_poison``).
"""

from enum import Enum, auto

import psycopg
from psycopg import errors

from worker.ledger import LedgerBugError


class Fault(Enum):
    """See the module."""

    AWAY = auto()
    AGAIN = auto()
    POISON = auto()
    BUG = auto()


_AGAIN = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.UniqueViolation,  # somebody else inserted it meanwhile: the next look-up sees it
)
_POISON = (psycopg.DataError, psycopg.IntegrityError, errors.ProgramLimitExceeded)
_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.IdleInTransactionSessionTimeout,  # we were frozen inside a transaction, and overtaken
    errors.ReadOnlySqlTransaction,  # a server that is being promoted
)


def fault_of(error: BaseException) -> Fault:
    """Return what ``error`` means; the order matters, since some of PostgreSQL's classes hold each other."""
    if isinstance(error, LedgerBugError):
        return Fault.BUG
    for fault, classes in ((Fault.AGAIN, _AGAIN), (Fault.POISON, _POISON), (Fault.AWAY, _AWAY)):
        if isinstance(error, classes):
            return fault
    return Fault.BUG
