"""What clients do about accounts and sessions. ``operations`` enters here.

A session is used by one client alone, one operation after the other, so that ``people_checker`` can walk through what
it was told, by its name (``Operation.session``).
"""

import secrets
from typing import Any, Final

from tests.faults.run.client import Client, Session
from tests.faults.run.history import Operation, Result
from tests.people import PASSWORD

KEPT_SESSIONS: Final = 5
"""How many sessions a client has at once: few enough that each is used often."""
REGISTER, LOG_IN, LOG_IN_WRONG, REFRESH, REUSE, LOG_OUT = (
    "register",
    "log in",
    "log in with a wrong password",
    "refresh",
    "use a used token",
    "log out",
)
_SESSIONS: Final = "/api/sessions"


def register(client: Client) -> Operation:
    """Register somebody new, who is not logged in yet."""
    session = Session(f"u-{secrets.token_hex(8)}")
    operation = _begin(client, REGISTER, session)
    body = {"user_id": session.name, "password": PASSWORD, "display_name": session.name}
    _ask(client, operation, "POST", "/api/accounts", json=body)
    client.sessions.append(session)
    del client.sessions[:-KEPT_SESSIONS]
    return operation


def log_in(client: Client) -> Operation | None:
    """Log in with the right password; the session before is left as it is."""
    if not client.sessions:
        return None
    session = client.dice.choice(client.sessions)
    operation = _begin(client, LOG_IN, session)
    body = _ask(client, operation, "POST", _SESSIONS, json={"user_id": session.name, "password": PASSWORD})
    _take(session, body)
    if body:
        session.used.clear()
    return operation


def log_in_wrongly(client: Client) -> Operation | None:
    """Log in with another password than one's own."""
    if not client.sessions:
        return None
    session = client.dice.choice(client.sessions)
    operation = _begin(client, LOG_IN_WRONG, session)
    _ask(client, operation, "POST", _SESSIONS, json={"user_id": session.name, "password": PASSWORD[::-1]})
    return operation


def refresh(client: Client) -> Operation | None:
    """Go on with a session."""
    session = _one_with_a_token(client)
    if session is None:
        return None
    operation = _begin(client, REFRESH, session)
    before = session.refresh_token
    _take(session, _ask(client, operation, "POST", f"{_SESSIONS}/refresh", json={"refresh_token": before}))
    if session.refresh_token != before:
        session.used.append(before)
    return operation


def reuse(client: Client) -> Operation | None:
    """Bring a token whose successor was used as well, as a thief would: the session ends, for him and its owner."""
    session = _one_with_a_token(client)
    if session is None or len(session.used) < 2:
        return None
    operation = _begin(client, REUSE, session)
    _ask(client, operation, "POST", f"{_SESSIONS}/refresh", json={"refresh_token": session.used[-2]})
    return operation


def log_out(client: Client) -> Operation | None:
    """End a session; its refresh token is good no more."""
    session = _one_with_a_token(client)
    if session is None:
        return None
    operation = _begin(client, LOG_OUT, session)
    headers = {"Authorization": f"Bearer {session.access_token}"}
    _ask(client, operation, "DELETE", f"{_SESSIONS}/current", headers=headers)
    return operation


def _ask(client: Client, operation: Operation, method: str, path: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own
    body = client.ask(operation, method, path, **more)
    if operation.told == "overloaded":  # PostgreSQL did not say in time: here it promises nothing
        operation.result = Result.UNKNOWN
    return body


def _begin(client: Client, kind: str, session: Session) -> Operation:
    operation = client.begin(kind, writes=False)
    operation.session = session.name
    return operation


def _one_with_a_token(client: Client) -> Session | None:
    having = [session for session in client.sessions if session.refresh_token]
    return client.dice.choice(having) if having else None


def _take(session: Session, body: dict[str, Any]) -> None:
    if body:
        session.refresh_token, session.access_token = body["refresh_token"], body["access_token"]
