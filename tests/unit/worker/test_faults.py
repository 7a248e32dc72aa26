"""Faults: who is tried again, who is poison, and who ends the process."""

import psycopg
import pytest
from psycopg import errors

from worker.faults import Fault, fault_of
from worker.ledger import LedgerBugError


@pytest.mark.parametrize(
    "error",
    [
        errors.SerializationFailure(),
        errors.DeadlockDetected(),
        errors.LockNotAvailable(),
        errors.QueryCanceled(),
        errors.UniqueViolation(),
    ],
)
def test_a_transaction_in_the_way_is_no_poison(error: psycopg.Error) -> None:
    assert fault_of(error) is Fault.AGAIN


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("no connection"),
        psycopg.InterfaceError("closed"),
        errors.AdminShutdown(),
        errors.CannotConnectNow(),
        errors.TooManyConnections(),
        errors.DiskFull(),
        errors.IdleInTransactionSessionTimeout(),
        errors.ReadOnlySqlTransaction(),
    ],
)
def test_a_server_in_trouble_is_waited_for(error: psycopg.Error) -> None:
    assert fault_of(error) is Fault.AWAY


@pytest.mark.parametrize(
    "error",
    [
        errors.UntranslatableCharacter(),
        errors.DatetimeFieldOverflow(),
        errors.CheckViolation(),
        errors.ProgramLimitExceeded(),
        psycopg.DataError(),
    ],
)
def test_a_value_that_cannot_be_kept_is_poison(error: psycopg.Error) -> None:
    assert fault_of(error) is Fault.POISON


@pytest.mark.parametrize(
    "error", [LedgerBugError(), errors.UndefinedTable(), errors.InsufficientPrivilege(), ValueError()]
)
def test_anything_else_ends_the_process(error: Exception) -> None:
    assert fault_of(error) is Fault.BUG
