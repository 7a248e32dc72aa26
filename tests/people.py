"""People as tests know them: registered through the gateway, logged in, each with a token of their own."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.eventually import eventually
from tests.frontrow import Frontrow

PASSWORD = "correct horse battery staple"  # noqa: S105 - everybody's, in tests


@dataclass
class Somebody:
    """An account with a session."""

    user_id: str
    tokens: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}


def a_name(prefix: str = "user") -> str:
    return f"{prefix}-{secrets.token_hex(6)}"


def register(client: httpx.Client, user_id: str, **more: str) -> httpx.Response:
    body = {"user_id": user_id, "password": PASSWORD, "display_name": user_id.title(), **more}
    return client.post("/api/accounts", json=body)


def log_in(client: httpx.Client, user_id: str, password: str = PASSWORD) -> httpx.Response:
    """Log in as a program does: the cookies are not kept."""
    answer = client.post("/api/sessions", json={"user_id": user_id, "password": password})
    client.cookies.clear()
    return answer


def somebody(client: httpx.Client, prefix: str = "user", **more: str) -> Somebody:
    """Return somebody new, logged in."""
    names = []

    def registered() -> httpx.Response:
        names.append(a_name(prefix))  # another one each time: the one before may have been registered all the same
        return register(client, names[-1], **more)

    made = _told(registered)
    assert made.status_code == httpx.codes.CREATED, made.text
    return again(client, names[-1])


def again(client: httpx.Client, user_id: str) -> Somebody:
    """Return the same person with another session: whatever role they have now."""
    answer = _told(lambda: log_in(client, user_id))
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return Somebody(user_id, answer.json())


def an_operator(frontrow: Frontrow) -> Somebody:
    """Return an operator, made as whoever runs the platform makes the first one."""
    user_id = somebody(frontrow.client, "operator").user_id
    done = frontrow.run("write_api.operator", user_id, within_s=30)
    assert done.returncode == 0, done.stderr
    return again(frontrow.client, user_id)


def an_organiser(frontrow: Frontrow, operator: Somebody) -> Somebody:
    """Return an organiser, made one by an operator."""
    user_id = somebody(frontrow.client, "organiser").user_id
    path, role = f"/api/accounts/{user_id}/role", {"role": "organiser"}
    answer = _told(lambda: frontrow.client.put(path, json=role, headers=operator.headers))
    assert answer.status_code == httpx.codes.OK, answer.text
    return again(frontrow.client, user_id)


def _told(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Return an answer, and ask again for as long as it is that the platform is too busy for one."""

    def told() -> httpx.Response:
        answer = ask()
        assert answer.status_code != httpx.codes.SERVICE_UNAVAILABLE, answer.text
        return answer

    return eventually(told)
