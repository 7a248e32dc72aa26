"""Settings of this room: where the ledger is, the keys, and whether our own network may be sent to."""

import json
from typing import Annotated

from psycopg.conninfo import make_conninfo
from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from contracts.tokens import PublicKeys
from runtime.settings import HttpSettings
from webhooks.signing import SealingKeys


class WebhooksSettings(HttpSettings):
    """The address holds no secret; an empty password means that the server asks for none (tests).

    ``webhooks_allow_private``: also send to addresses of our own network, by HTTP and to any port. For development and
    tests: whoever may make a webhook can then make this process talk to everything that it reaches.
    """

    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    token_public_keys: Annotated[PublicKeys, NoDecode, BeforeValidator(json.loads)]
    webhook_secret_keys: Annotated[SealingKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)
    webhooks_allow_private: bool = False

    @property
    def conninfo(self) -> str:
        """What libpq is told. Not to be logged."""
        password = self.postgres_password.get_secret_value()
        return make_conninfo(self.postgres_url, **({"password": password} if password else {}))
