"""Settings of write_api and of its seeding one-shot."""

import json
from typing import Annotated, Final

from pydantic import Base64Bytes, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from contracts.id_keys import IdKeys
from contracts.tokens import SigningKeys
from contracts.topics import BOOKING_REQUESTS, MAX_PARTITIONS
from runtime.settings import HttpSettings, Settings

MIN_KEY_BYTES: Final = 32


class LogSettings(Settings):
    """Where the log is, and the secrets without which no command can be made."""

    kafka_bootstrap: str
    topic: str = BOOKING_REQUESTS
    partitions: int = Field(default=8, ge=1, le=MAX_PARTITIONS)
    booking_id_keys: Annotated[IdKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)


class WriteApiSettings(LogSettings, HttpSettings):
    """What ``python -m write_api`` reads; keys are base64.

    Three of them are never changed: with another ``principal_key`` people lose their bookings, with another
    ``derivation_key`` or ``keyed_id_key`` a request that is sent again books twice. ``payment_token_key`` is
    shared with ``payments`` alone. The address of Redis holds no secret; an empty password means that it
    asks for none (tests).
    """

    principal_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    derivation_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    keyed_id_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    payment_token_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    token_signing_keys: Annotated[SigningKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)
    redis_url: str
    redis_password: SecretStr = SecretStr("")


class SeedSettings(LogSettings):
    """What ``python -m write_api.seed`` reads; ``read_api_url``: where it waits for the events to be visible."""

    read_api_url: str | None = None
    seed_file: str | None = None
