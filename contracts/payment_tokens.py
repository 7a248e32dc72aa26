"""Payment tokens: how a provider's token lies on the log and in the ledger: sealed, so that nobody can read it there.

``write_api`` seals what a customer sent, ``payments`` opens it when it asks the provider. The log keeps everything for
ever, and so must never hold in clear what money can be taken with. Pure: the key is passed in.

Sealing is deterministic (AES-SIV, RFC 5297): the same token for the same booking is the same text, so that a request
that is sent again under its ``Idempotency-Key`` is recognised. The booking's id goes in as associated data: what was
sealed for one booking opens for no other. See docs/decisions/0013-payments.md.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

MAX_TOKEN: Final = 200
"""Characters of a token in clear: providers' own are below 100."""
MAX_SEALED: Final = 400
"""Characters of a sealed one: 16 bytes more, as base64, and room for another form."""


class TokenSeal:
    """Seals and opens under one key of 32, 48 or 64 secret bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def seal(self, token: str, booking_id: str) -> str:
        """Return the token as only whoever has the key can read it."""
        return urlsafe_b64encode(self._cipher.encrypt(token.encode(), [booking_id.encode()])).decode()

    def open(self, sealed: str, booking_id: str) -> str | None:
        """Return the token, or None when it was not sealed under this key for this booking."""
        try:
            return self._cipher.decrypt(urlsafe_b64decode(sealed), [booking_id.encode()]).decode()
        except (InvalidTag, ValueError):
            return None
