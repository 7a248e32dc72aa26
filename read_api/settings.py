"""Settings of read_api: where the view is, as whom it is read, and the keys that tell an issued booking id."""

import json
from typing import Annotated

from pydantic import Base64Bytes, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import NoDecode

from contracts.ids import IdMint
from runtime.settings import HttpSettings


class IdKeys(BaseModel):
    """The check keys of command ids by key id; ``current`` signs new ones, which is write_api's concern."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    current: int
    keys: dict[int, Base64Bytes] = Field(repr=False)

    def mint(self, keyed_key: bytes) -> IdMint:
        """Return the mint that knows every id issued under these keys, and those derived under ``keyed_key``."""
        return IdMint(self.keys, self.current, keyed_key)


class ReadApiSettings(HttpSettings):
    """The address holds no secret; an empty ``mongo_user`` means that the server asks for none (tests)."""

    mongo_url: str
    mongo_database: str
    mongo_user: str = ""
    mongo_password: SecretStr = SecretStr("")
    booking_id_keys: Annotated[IdKeys, NoDecode, BeforeValidator(json.loads)] = Field(repr=False)
    keyed_id_key: Base64Bytes = Field(repr=False, min_length=32)
