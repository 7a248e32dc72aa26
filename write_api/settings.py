"""Settings of write_api and of its seeding one-shot."""

import json
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal

from psycopg.conninfo import make_conninfo
from pydantic import Base64Bytes, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from contracts.id_keys import IdKeys
from contracts.tokens import PublicKeys, SigningKeys
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
    shared with ``payments`` alone. The address of Redis holds no secret; an empty password means that it asks for none
    (tests).

    ``guest_booking``: whether one may book without a session. ``public_url``: where people reach the gateway; when it
    is HTTPS, cookies travel by nothing else. ``unlimited_addresses``: whose requests are not counted by where they come
    from. Without an ``smtp_host`` letters are files in ``mail_dir``.
    """

    principal_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    derivation_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    keyed_id_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    payment_token_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    token_signing_keys: Annotated[SigningKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)
    ticket_public_keys: Annotated[PublicKeys, NoDecode, BeforeValidator(json.loads)]
    refresh_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    redis_url: str
    redis_password: SecretStr = SecretStr("")
    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    guest_booking: bool = True
    public_url: str = Field(pattern=r"^https?://[^/?#]+/?$")
    unlimited_addresses: IPv4Network | IPv6Network = IPv4Network("127.0.0.0/8")
    mail_dir: Path
    mail_from: str = "Frontrow <frontrow@localhost>"
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")

    @property
    def postgres_conninfo(self) -> str:
        """The address with the password, for the client alone."""
        return conninfo(self.postgres_url, self.postgres_password)


class OperatorSettings(Settings):
    """What ``python -m write_api.operator`` reads."""

    postgres_url: str
    postgres_password: SecretStr = SecretStr("")

    @property
    def postgres_conninfo(self) -> str:
        """The address with the password, for the client alone."""
        return conninfo(self.postgres_url, self.postgres_password)


class LettersSettings(LogSettings, OperatorSettings):
    """What ``python -m write_api.dead_letters`` reads: what makes and checks ids is the service's own."""

    derivation_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)
    keyed_id_key: Base64Bytes = Field(repr=False, min_length=MIN_KEY_BYTES)


class SeedSettings(LogSettings):
    """What ``python -m write_api.seed`` reads; ``read_api_url``: where it waits for the events to be visible.

    ``write_api_url``: where it asks for the demo catalogue, as an organiser.
    """

    read_api_url: str | None = None
    write_api_url: str | None = None
    seed_file: str | None = None


def conninfo(url: str, password: SecretStr) -> str:
    """Return how psycopg connects; an empty password means that none is asked for (tests)."""
    secret = password.get_secret_value()
    return make_conninfo(url, **({"password": secret} if secret else {}))
