"""Settings of read_api: where the view is, as whom it is read, and the keys that tell good booking ids and tokens."""

import json
from typing import Annotated

from pydantic import Base64Bytes, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from contracts.id_keys import IdKeys
from contracts.tokens import PublicKeys, SigningKeys
from runtime.settings import HttpSettings


class ReadApiSettings(HttpSettings):
    """The address holds no secret; an empty ``mongo_user`` means that the server asks for none (tests)."""

    mongo_url: str
    mongo_database: str
    mongo_user: str = ""
    mongo_password: SecretStr = SecretStr("")
    booking_id_keys: Annotated[IdKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)
    keyed_id_key: Base64Bytes = Field(repr=False, min_length=32)
    token_public_keys: Annotated[PublicKeys, NoDecode, BeforeValidator(json.loads)]
    ticket_signing_keys: Annotated[SigningKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)
    max_streams: int = Field(default=4_000, ge=1)
    """Streams open at the same time in this process; some 40 kB each (docs/decisions/0018-live-streams.md)."""
