"""What a client of a run has outlives it: the next round's goes on with it."""

import random

import httpx

from tests.faults.run import people
from tests.faults.run.client import Client, Session


def test_sessions_go_on_with_another_client_and_the_oldest_is_let_go() -> None:
    sessions: list[Session] = []
    with httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(_created)) as http:
        for _ in range(people.KEPT_SESSIONS + 1):
            people.register(Client(http, random.Random(1), [], lambda: 0.0, "run", sessions=sessions))
        assert len({session.name for session in sessions}) == people.KEPT_SESSIONS
        operation = people.log_in(Client(http, random.Random(1), [], lambda: 0.0, "run", sessions=sessions))
    assert operation is not None
    assert [session.name for session in sessions if session.refresh_token] == [operation.session]


def _created(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(201, json={"refresh_token": "r", "access_token": "a"})
