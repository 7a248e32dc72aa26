"""The demo catalogue: a movie with showtimes and a train line with services, made as every organiser makes events.

``seed`` enters here. It has an account of its own made an organiser, as an operator would, and asks the organisers'
API. Each event is asked for under a key of its own, so that running it twice makes one of each.
"""

import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
from pydantic import Base64Bytes, BeforeValidator, Field
from pydantic_settings import NoDecode

from contracts.callers import Role
from contracts.tokens import SigningKeys
from runtime.postgres import Postgres, PostgresAwayError
from write_api.callers import Principals
from write_api.people import People
from write_api.settings import MIN_KEY_BYTES, OperatorSettings

ORGANISER: Final = "frontrow-demo"
CATALOGUE: Final = Path(__file__).with_name("seed_catalogue.json")
ANSWER_WITHIN_S: Final = 30.0
"""A seat map is acknowledged block by block; these have three at most."""
TRIES: Final = 60
PAUSE_S: Final = 1.0
"""The services have just started: what is not there yet is asked again, for about a minute."""

_log = logging.getLogger(__name__)


class CatalogueSettings(OperatorSettings):
    """What is needed to act as an organiser: where the accounts are, and what makes tokens."""

    principal_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    token_signing_keys: Annotated[SigningKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)


class CatalogueError(Exception):
    """The catalogue was not made; the text is a sentence for people."""


async def seed_catalogue(loaded: CatalogueSettings, url: str, pause: Callable[[float], Awaitable[None]]) -> list[str]:
    """Ask for the demo catalogue and return its event ids; ``pause``: how to wait between two tries.

    Raises:
        CatalogueError: the API did not take it in time.
    """
    events = json.loads(CATALOGUE.read_bytes())
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_WITHIN_S) as api:
        for attempt in range(TRIES):
            try:
                token = await _token(loaded, api)
                for event in events:
                    await _announce(api, token, event)
            except (httpx.HTTPError, PostgresAwayError) as error:
                _log.info("the catalogue waits", extra={"attempt": attempt, "cause": str(error)})
                await pause(PAUSE_S)
            else:
                return [event["event_id"] for event in events]
    msg = f"The API at {url} did not take the demo catalogue within {TRIES} tries."
    raise CatalogueError(msg)


async def _token(loaded: CatalogueSettings, api: httpx.AsyncClient) -> str:
    """Return an access token of the demo's organiser, whose account is made where it is missing.

    Nobody knows its password: who is to have the account resets it.
    """
    body = {"user_id": ORGANISER, "password": secrets.token_urlsafe(32), "display_name": "Frontrow's own events"}
    made = await api.post("/api/accounts", json=body)
    if made.status_code not in {httpx.codes.CREATED, httpx.codes.CONFLICT}:
        made.raise_for_status()
    postgres = Postgres(loaded.postgres_conninfo, "seed", connections=1)
    await postgres.start()
    try:
        person = await People(postgres).set_role(ORGANISER, Role.ORGANISER)
    finally:
        await postgres.stop()
    if person is None:
        msg = f"There is no account {ORGANISER}, though it was made a moment ago."
        raise CatalogueError(msg)
    caller = Principals(loaded.principal_key).caller(person, "seed")
    return loaded.token_signing_keys.mint().mint(caller, now_s=int(time.time()))


async def _announce(api: httpx.AsyncClient, token: str, event: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"seed-{event['event_id']}"}
    answer = await api.post("/api/events", json=event, headers=headers)
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        msg = f"{event['event_id']} is no event: {answer.text}"
        raise CatalogueError(msg)
    answer.raise_for_status()
