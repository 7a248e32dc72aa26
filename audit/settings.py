"""Settings of the two programs of this room: the health service and the invariant checker."""

import json
from typing import Annotated

from psycopg.conninfo import make_conninfo
from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from contracts.tokens import PublicKeys
from contracts.topics import BOOKING_REQUESTS
from runtime.settings import HttpSettings, Settings

Urls = Annotated[tuple[str, ...], NoDecode, Field(min_length=1)]
"""Base URLs of a service's processes, separated by commas."""


class ReadSettings(Settings):
    """Where log, ledger and view are, for whoever reads them. An empty password or user: the server asks for none."""

    kafka_bootstrap: str
    topic: str
    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    mongo_url: str
    mongo_database: str
    mongo_user: str = ""
    mongo_password: SecretStr = SecretStr("")

    @property
    def ledger_conninfo(self) -> str:
        """The ledger's address with the password in it; never logged."""
        password = self.postgres_password.get_secret_value()
        return make_conninfo(self.postgres_url, **({"password": password} if password else {}))

    @property
    def view_login(self) -> dict[str, str]:
        """As whom the view is entered, in the words of its client; never logged."""
        if not self.mongo_user:
            return {}
        return {"username": self.mongo_user, "password": self.mongo_password.get_secret_value()}


class StoreSettings(ReadSettings):
    """Where all stores are."""

    topic: str = BOOKING_REQUESTS
    redis_url: str
    redis_password: SecretStr = SecretStr("")


class HealthSettings(HttpSettings, StoreSettings):
    """Where the health service finds every process of the platform, and the stores, which it asks for operators.

    The numbers are how many processes there should be behind all URLs of a service; ``partitions`` those of the log.
    """

    partitions: int = Field(ge=1)
    token_public_keys: Annotated[PublicKeys, NoDecode, BeforeValidator(json.loads)]
    write_api_processes: int = Field(default=1, ge=1)
    worker_processes: int = Field(default=1, ge=1)
    read_api_processes: int = Field(default=1, ge=1)
    sync_service_processes: int = Field(default=1, ge=1)
    payments_processes: int = Field(default=1, ge=1)
    webhooks_processes: int = Field(default=1, ge=1)
    write_api_urls: Urls
    worker_urls: Urls
    read_api_urls: Urls
    sync_service_urls: Urls
    payments_urls: Urls
    webhooks_urls: Urls
    auditor_urls: Urls

    @field_validator(
        "write_api_urls",
        "worker_urls",
        "read_api_urls",
        "sync_service_urls",
        "payments_urls",
        "webhooks_urls",
        "auditor_urls",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(url.strip().rstrip("/") for url in value.split(",") if url.strip())
        return value


class CheckSettings(ReadSettings):
    """Where the invariant checker reads.

    ``payment_provider_url`` names another provider than the built-in one: then only our own records are known.
    """

    payment_provider_url: str = ""
