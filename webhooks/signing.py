"""Signing: secrets of endpoints, how they are kept, and the headers that they make of a delivery.

A secret must be read to sign, so it is not hashed but sealed: AES-256-GCM under a key that only this room's processes
hold, bound to its webhook, so that a row that was copied to another one opens nothing. Keys rotate by the key id before
the nonce: one adds a key, names it ``current``, and takes the old one away when no row needs it any more. Secrets are
in no log line and in no repr.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field
from standardwebhooks.webhooks import Webhook as Signer

SECRET_BYTES: Final = 32
"""The specification wants 24 to 64."""
PREFIX: Final = "whsec_"

_NONCE_BYTES: Final = 12


class UnreadableSecretError(Exception):
    """The key is not there any more, or the secret was sealed for another webhook, or changed."""


class SealingKeys(BaseModel):
    """32 bytes by key id (0 to 255); ``current`` seals. Shown neither by repr nor in errors."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    current: int = Field(ge=0, le=255)
    keys: dict[int, Base64Bytes] = Field(repr=False)

    def seal(self, secret: bytes, webhook_id: str) -> bytes:
        """Return what may be kept of a secret."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, secret, webhook_id.encode())
        return bytes([self.current]) + nonce + sealed

    def open(self, sealed: bytes, webhook_id: str) -> bytes:
        """Return the secret.

        Raises:
            UnreadableSecretError: see there.
        """
        key_id, nonce, kept = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return AESGCM(self.keys[key_id[0]]).decrypt(nonce, kept, webhook_id.encode())
        except (KeyError, IndexError, ValueError, InvalidTag) as error:
            raise UnreadableSecretError(type(error).__name__) from None


def new_secret() -> bytes:
    """Return a secret for an endpoint."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """Return the form in which its owner gets a secret, once."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(delivery_id: str, body: str, secrets_now: Sequence[bytes], now: datetime) -> dict[str, str]:
    """Return the specification's three headers; one signature for each secret. ``now`` must be in UTC.

    The library takes whatever zone a time has for UTC, and would sign another second than the header says.
    """
    if now.utcoffset() != timedelta(0):
        msg = "the time of an attempt is told in UTC"
        raise ValueError(msg)
    signatures = [Signer(secret).sign(delivery_id, now, body) for secret in secrets_now]
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
