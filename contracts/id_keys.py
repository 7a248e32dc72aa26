"""Id keys: the form of the secret under which command ids are issued and checked. Data only; where it lies is settings.

``write_api`` and ``read_api`` are given the same one, so both enter here.
"""

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from contracts.ids import IdMint


class IdKeys(BaseModel):
    """The check keys of command ids by key id; ``current`` signs new ones. Shown neither by repr nor in errors."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    current: int
    keys: dict[int, Base64Bytes] = Field(repr=False)

    def mint(self, keyed_key: bytes | None = None) -> IdMint:
        """Return the mint that issues under the current key, and derives under ``keyed_key``."""
        return IdMint(self.keys, self.current, keyed_key)
