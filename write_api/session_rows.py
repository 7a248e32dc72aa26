"""Session rows: who is logged in where, and the refresh tokens that they had. Only digests of tokens are kept.

``sessions`` enters here. A refresh token is used once and gives the next one. One that comes again tells that somebody
has a copy, and ends the session, for the thief and the owner alike: which of them is which nobody can know (RFC 9700,
4.14). Only within ``GRACE_S`` of its use, and while its successor was not used, does it give that same successor again:
an answer was lost, or a browser's two tabs asked at once (test: ``test_two_tabs_that_refresh_at_once_go_on``).
PostgreSQL away raises ``PostgresAwayError``.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, LiteralString, NamedTuple

from runtime.postgres import Connection, Postgres
from write_api.people import COLUMNS, Person, person

IDLE_S: Final = 30 * 86_400
"""A session that is not refreshed for so long ends."""
LONGEST_S: Final = 180 * 86_400
"""No session outlives this; then the password is asked for again."""
GRACE_S: Final = 10
PRUNED_AT_ONCE: Final = 100
"""Ended sessions that a new one sweeps away, wherever they are."""
MOST_SESSIONS: Final = 100
"""Of one account; the one that was refreshed longest ago makes room."""

# Shared: a reset of the password waits for us and then ends this session too, or has changed the hash before.
_STILL: Final = "SELECT FROM accounts WHERE account_id = %s AND password_hash = %s FOR SHARE"
_BEGIN: Final = """
    INSERT INTO sessions (session_id, account_id, user_agent, expires_at)
    VALUES (%s, %s, %s, now() + %s * '1 s'::interval)"""
_PRUNE: Final = """
    DELETE FROM sessions WHERE session_id IN (
        SELECT session_id FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)"""
_MAKE_ROOM: Final = """
    DELETE FROM sessions WHERE session_id IN (
        SELECT session_id FROM sessions WHERE account_id = %s ORDER BY refreshed_at DESC OFFSET %s)"""
_ADD_REFRESH: Final = "INSERT INTO refresh_tokens (token_hash, session_id) VALUES (%s, %s)"
_SESSION_OF: Final = "SELECT session_id FROM refresh_tokens WHERE token_hash = %s"
_LOCK: Final = "SELECT expires_at > now() FROM sessions WHERE session_id = %s FOR UPDATE"
# After the lock, in a statement of its own: what another refresh did meanwhile is seen.
_USES: Final = """
    SELECT token.used_at IS NOT NULL, token.used_at > now() - %s * '1 s'::interval,
        next.token_hash IS NOT NULL AND next.used_at IS NULL
    FROM refresh_tokens AS token LEFT JOIN refresh_tokens AS next ON next.token_hash = %s
    WHERE token.token_hash = %s"""
_USE: Final = "UPDATE refresh_tokens SET used_at = now() WHERE token_hash = %s"
_GO_ON: Final = """
    UPDATE sessions SET refreshed_at = now(),
        expires_at = least(now() + %s * '1 s'::interval, created_at + %s * '1 s'::interval)
    WHERE session_id = %s"""
_END: Final = "DELETE FROM sessions WHERE session_id = %s"
_OWNER: Final[LiteralString] = f"""
    SELECT {COLUMNS} FROM sessions JOIN accounts AS a USING (account_id) WHERE session_id = %s"""  # noqa: S608 - of our own constants
_LIST: Final = """
    SELECT s.session_id, s.user_agent, s.created_at, s.refreshed_at, s.expires_at
    FROM sessions AS mine JOIN sessions AS s USING (account_id)
    WHERE mine.session_id = %s AND mine.expires_at > now() AND s.expires_at > now()
    ORDER BY s.refreshed_at DESC, s.session_id"""
_END_OTHER: Final = """
    DELETE FROM sessions AS s USING sessions AS mine
    WHERE mine.session_id = %s AND mine.expires_at > now() AND s.session_id = %s AND s.account_id = mine.account_id"""


class Refreshed(NamedTuple):
    """Whose session goes on."""

    session_id: str
    person: Person


class Reused(NamedTuple):
    """A token came again: its session was ended."""

    session_id: str


class SessionRow(NamedTuple):
    """One session."""

    session_id: str
    user_agent: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime


async def _stays() -> bool:
    return False


class AbandonedError(Exception):
    """Whoever asked was told long ago that nobody answers, since this process stood still, and has gone on elsewhere.

    To look at the token now would be to take it for a thief's: it was used, and its successor too (test:
    ``test_what_a_process_that_stood_still_was_asked_for_ends_no_session``).
    """


class SessionRows:
    """The tables of sessions and their refresh tokens."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def begin(self, person: Person, session_id: str, token_hash: bytes, user_agent: str) -> bool:
        """Begin a session; False when the account is gone, or its password is no longer the one that was verified."""

        async def work(connection: Connection) -> bool:
            await connection.execute(_PRUNE, (PRUNED_AT_ONCE,))
            still = await connection.execute(_STILL, (person.account_id, person.password_hash))
            if not still.rowcount:
                return False
            await connection.execute(_BEGIN, (session_id, person.account_id, user_agent, IDLE_S))
            await connection.execute(_ADD_REFRESH, (token_hash, session_id))
            await connection.execute(_MAKE_ROOM, (person.account_id, MOST_SESSIONS))
            return True

        return await self._postgres.run(work)

    async def refresh(
        self, token_hash: bytes, successor_hash: bytes, is_gone: Callable[[], Awaitable[bool]] = _stays
    ) -> Refreshed | Reused | None:
        """Use a token, and keep its successor; None when the token was never ours or its session has ended.

        Raises:
            AbandonedError: ``is_gone`` says that whoever asked does not wait any more; nothing was done.
        """

        async def work(connection: Connection) -> Refreshed | Reused | None:
            found = await (await connection.execute(_SESSION_OF, (token_hash,))).fetchone()
            lives = await (await connection.execute(_LOCK, found)).fetchone() if found else None
            if found is None or lives != (True,):
                return None
            uses = await (await connection.execute(_USES, (GRACE_S, successor_hash, token_hash))).fetchone()
            used, lately, successor_is_next = uses or (True, False, False)
            if await is_gone():
                raise AbandonedError
            if used and not (lately and successor_is_next):
                await connection.execute(_END, found)
                return Reused(*found)
            if not used:
                await connection.execute(_USE, (token_hash,))
                await connection.execute(_ADD_REFRESH, (successor_hash, *found))
                await connection.execute(_GO_ON, (IDLE_S, LONGEST_S, *found))
            owner = await (await connection.execute(_OWNER, found)).fetchone()
            return Refreshed(found[0], person(owner)) if owner else None

        return await self._postgres.run(work)

    async def of_same_account(self, session_id: str) -> Sequence[SessionRow]:
        """Return the sessions of whose this one is, the latest first; none when this one has ended."""

        async def work(connection: Connection) -> Sequence[SessionRow]:
            return [SessionRow(*row) async for row in await connection.execute(_LIST, (session_id,))]

        return await self._postgres.run(work)

    async def end(self, by: str, session_id: str) -> bool:
        """End a session for the session ``by`` of the same account; False when there is nothing that it may end."""

        async def work(connection: Connection) -> bool:
            return bool((await connection.execute(_END_OTHER, (by, session_id))).rowcount)

        return await self._postgres.run(work)
