"""The issuer: makes the tokens of a session. Whoever has one is believed, so none is kept, logged or shown again.

``sessions`` enters here.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Final

from contracts.tokens import SigningKeys
from write_api.callers import Principals
from write_api.people import Person

TOKEN_BYTES: Final = 32
_REFRESH: Final = "rt_"
"""So that a token that strayed into a repository or a chat is recognised by those who look for such."""


class Issuer:
    """Signs access tokens; ``refresh_key`` makes a refresh token's successor."""

    def __init__(self, principals: Principals, keys: SigningKeys, refresh_key: bytes) -> None:
        self._principals = principals
        self._mint = keys.mint()
        self._refresh_key = refresh_key

    def access(self, person: Person, session_id: str) -> str:
        """Return an access token."""
        return self._mint.mint(self._principals.caller(person, session_id), now_s=int(time.time()))

    def refresh(self) -> str:
        """Return a session's first refresh token."""
        return _written(secrets.token_bytes(TOKEN_BYTES))

    def successor_of(self, refresh: str) -> str:
        """Return the next token: always the same for the same one, so that who asks twice is told the same."""
        return _written(hmac.digest(self._refresh_key, refresh.encode(), hashlib.sha256))


def digest(token: str) -> bytes:
    """Return what is kept of a token. A fast digest is enough: nobody finds 32 random bytes by trying."""
    return hashlib.sha256(token.encode()).digest()


def _written(token: bytes) -> str:
    return _REFRESH + urlsafe_b64encode(token).decode().rstrip("=")
