"""People: the rows of accounts. Nobody else writes them; ``sync_service`` reads who they are called, and no more.

``accounts``, ``sessions`` and ``password_resets`` enter here. Every method is one short transaction. Passwords come as
hashes. Whatever is done for somebody who is logged in is done by the session, so that an ended one does nothing more
here, whatever its access token still says. PostgreSQL away raises ``PostgresAwayError``.
"""

from datetime import UTC, datetime
from typing import Any, Final, LiteralString, NamedTuple

from psycopg.errors import UniqueViolation

from contracts.callers import Role
from runtime.postgres import Connection, Postgres, RefusedError

COLUMNS: Final[LiteralString] = (
    "a.account_id::text, a.user_id, a.display_name, a.email, a.role, a.password_hash, a.created_at"
)

_ADD: Final[LiteralString] = f"""
    INSERT INTO accounts AS a (account_id, principal, user_id, display_name, email, password_hash)
    VALUES (%s, %s, %s, %s, %s, %s)
    RETURNING {COLUMNS}"""  # noqa: S608 - of our own constants
_NAMED: Final[LiteralString] = f"SELECT {COLUMNS} FROM accounts AS a WHERE user_id = %s"  # noqa: S608 - as above
_OF_SESSION: Final[LiteralString] = f"""
    SELECT {COLUMNS} FROM sessions JOIN accounts AS a USING (account_id)
    WHERE session_id = %s AND expires_at > now()"""  # noqa: S608 - as above
_ERASE: Final = """
    DELETE FROM accounts AS a USING sessions AS s
    WHERE s.session_id = %s AND s.expires_at > now() AND a.account_id = s.account_id"""
_SET_ROLE: Final[LiteralString] = f"""
    UPDATE accounts AS a SET role = %s WHERE user_id = %s RETURNING {COLUMNS}"""  # noqa: S608 - as above
_REHASH: Final = "UPDATE accounts SET password_hash = %s WHERE account_id = %s AND password_hash = %s"
_FORGET_RESET: Final = "DELETE FROM password_resets WHERE token_hash = %s AND expires_at > now() RETURNING account_id"
_RESET_IS_GOOD: Final = "SELECT FROM password_resets WHERE token_hash = %s AND expires_at > now()"
_ADD_RESET: Final = """
    INSERT INTO password_resets (account_id, token_hash, expires_at)
    SELECT account_id, %s, now() + %s * '1 s'::interval FROM accounts WHERE account_id = %s
    ON CONFLICT (account_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at"""


class NewPerson(NamedTuple):
    """One who registers. ``account_id``: a random uuid; ``principal``: what log and ledger know the account by."""

    account_id: str
    principal: str
    user_id: str
    display_name: str
    email: str | None
    password_hash: str


class Person(NamedTuple):
    """One account."""

    account_id: str
    user_id: str
    display_name: str
    email: str | None
    role: Role
    password_hash: str
    created_at: datetime


class People:
    """The table of accounts, and what resets their passwords."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def add(self, new: NewPerson) -> Person | None:
        """Add an account; None when the name is taken, in whatever case."""
        try:
            return await self._one(_ADD, *new)
        except RefusedError as refused:
            if isinstance(refused.__cause__, UniqueViolation):
                return None
            raise

    async def named(self, user_id: str) -> Person | None:
        """Return the account of this name."""
        return await self._one(_NAMED, user_id)

    async def of_session(self, session_id: str) -> Person | None:
        """Return whose session it is; None when it has ended."""
        return await self._one(_OF_SESSION, session_id)

    async def erase(self, session_id: str) -> bool:
        """Remove the account of a session, and with it its sessions; False when the session has ended."""
        return await self._changed(_ERASE, session_id)

    async def set_role(self, user_id: str, role: Role) -> Person | None:
        """Give an account a role; None when there is no such account."""
        return await self._one(_SET_ROLE, role.value, user_id)

    async def rehash(self, person: Person, password_hash: str) -> None:
        """Keep another hash of the same password, unless the password was changed meanwhile."""
        await self._changed(_REHASH, password_hash, person.account_id, person.password_hash)

    async def add_reset(self, person: Person, token_hash: bytes, life_s: int) -> bool:
        """Let whoever has the token choose a new password, once; an earlier token is good no longer.

        False when the account is gone.
        """
        return await self._changed(_ADD_RESET, token_hash, life_s, person.account_id)

    async def may_reset(self, token_hash: bytes) -> bool:
        """Whether a token is good now."""
        return await self._changed(_RESET_IS_GOOD, token_hash)

    async def reset(self, token_hash: bytes, password_hash: str) -> bool:
        """Use a token up: set the password, end all sessions. False, and nothing done, when it is not good."""

        async def work(connection: Connection) -> bool:
            row = await (await connection.execute(_FORGET_RESET, (token_hash,))).fetchone()
            if row is None:
                return False
            await connection.execute(
                "UPDATE accounts SET password_hash = %s WHERE account_id = %s", (password_hash, *row)
            )
            await connection.execute("DELETE FROM sessions WHERE account_id = %s", row)
            return True

        return await self._postgres.run(work)

    async def _one(self, statement: LiteralString, *values: Any) -> Person | None:  # noqa: ANN401 - SQL's
        async def work(connection: Connection) -> Person | None:
            row = await (await connection.execute(statement, values)).fetchone()
            return person(row) if row is not None else None

        return await self._postgres.run(work)

    async def _changed(self, statement: LiteralString, *values: Any) -> bool:  # noqa: ANN401 - SQL's
        async def work(connection: Connection) -> bool:
            return bool((await connection.execute(statement, values)).rowcount)

        return await self._postgres.run(work)


def person(row: tuple[Any, ...]) -> Person:
    """Return the account in a row of ``COLUMNS``."""
    account_id, user_id, display_name, email, role, password_hash, created_at = row
    return Person(account_id, user_id, display_name, email, Role(role), password_hash, created_at)


def rfc3339(moment: datetime) -> str:
    """Return a moment as the wire has it, in whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
