"""The ledger as tests read it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from contracts.commands import Command
from tests.eventually import eventually

DECIDED_WITHIN_S = 60.0
"""Long enough for a worker's first start on a busy machine; a test that measures time says so itself."""


class Records:
    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def at(cls, conninfo: str) -> Iterator["Records"]:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield cls(connection)

    def rows(self, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def run(self, statement: LiteralString, *values: object) -> None:
        self._connection.execute(statement, values)

    def set_for_workers(self, setting: str, value: str) -> None:
        """Change a setting for the workers' sessions that start from now on, in this database alone."""
        statement = sql.SQL("ALTER ROLE frontrow_worker IN DATABASE {} SET {} = {}")
        names = sql.Identifier(self._connection.info.dbname), sql.Identifier(setting), sql.Literal(value)
        self._connection.execute(statement.format(*names))

    def forget_everything(self) -> None:
        """Be a ledger of before anything was decided, as one that is restored from a backup is."""
        self._connection.execute("TRUNCATE outcomes, seats, blocks, events CASCADE")
        self._connection.execute("UPDATE kafka_offsets SET next_offset = 0, log_time_ms = 0, mark = NULL")

    def outcomes(self) -> dict[str, tuple[str, str | None]]:
        """Map command id to status and reason."""
        rows = self.rows("SELECT command_id, status, reason FROM outcomes")
        return {command_id: (status, reason) for command_id, status, reason in rows}

    def outcome(self, command_id: str) -> tuple[str, str | None] | None:
        return self.outcomes().get(command_id)

    def owner(self, event_id: str, seat_id: str) -> str | None:
        rows = self.rows("SELECT booking_id FROM seats WHERE event_id = %s AND seat_id = %s", event_id, seat_id)
        return str(rows[0][0]) if rows[0][0] is not None else None

    def offsets(self, topic_id: str) -> dict[int, int]:
        rows = self.rows("SELECT log_partition, next_offset FROM kafka_offsets WHERE topic_id = %s", topic_id)
        return dict(rows)

    def wait_for(
        self, commands: Iterable[Command], *, within_s: float = DECIDED_WITHIN_S
    ) -> list[tuple[str, str | None]]:
        """Return the outcomes of ``commands``, in their order, once all are there."""
        ids = [command.command_id for command in commands]

        def all_there() -> list[tuple[str, str | None]]:
            outcomes = self.outcomes()
            assert not [command_id for command_id in ids if command_id not in outcomes]
            return [outcomes[command_id] for command_id in ids]

        return eventually(all_there, within_s=within_s)
