"""Access tokens: who asks, signed by ``write_api``, so that every API knows a caller without a query. Pure.

``write_api`` mints them, every API reads them. A token is a JWT signed with Ed25519 (RFC 7519, 8037, 9068) that lives a
quarter of an hour; keys rotate by the key id in its header. Whoever may only read holds public keys alone. The clock is
passed in. What a token says was true when it was minted: see docs/decisions/0014-accounts-and-tokens.md.
"""

from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from contracts.callers import Caller, Role

LIFE_S: Final = 15 * 60
"""How long a token is good for: what a session that was ended, or a role that was taken, can still do for."""
MAX_TOKEN: Final = 2_048
"""Characters; four times the longest that we mint. What is longer is not looked at."""

_ALGORITHM: Final = "EdDSA"
_TYPE: Final = "at+jwt"
_ISSUER: Final = "frontrow"
_CLAIMS: Final = ("iss", "aud", "sub", "user_id", "role", "sid", "iat", "exp")
_WITH_SESSION: Final = frozenset(Role) - {Role.GUEST}


class SigningKeys(BaseModel):
    """The secret of who mints: 32 private bytes by key id; ``current`` signs. Shown neither by repr nor in errors."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    current: str
    keys: dict[str, Base64Bytes] = Field(repr=False)

    def mint(self) -> "TokenMint":
        """Return what mints under the current key."""
        return TokenMint(self.current, self.keys[self.current])

    def public(self) -> "PublicKeys":
        """Return what all others may know."""
        privates = ((key_id, Ed25519PrivateKey.from_private_bytes(key)) for key_id, key in self.keys.items())
        return PublicKeys.model_construct(
            keys={key_id: private.public_key().public_bytes_raw() for key_id, private in privates}
        )


class PublicKeys(BaseModel):
    """What reads tokens: 32 public bytes by key id."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    keys: dict[str, Base64Bytes]

    def reader(self) -> "TokenReader":
        """Return what reads tokens under all of these keys."""
        return TokenReader(self.keys)


class TokenMint:
    """Mints tokens under one key."""

    def __init__(self, key_id: str, private: bytes) -> None:
        self._key_id = key_id
        self._key = Ed25519PrivateKey.from_private_bytes(private)

    def mint(self, caller: Caller, *, now_s: int) -> str:
        """Return a token that says who ``caller`` is, until ``now_s + LIFE_S`` (seconds since the epoch)."""
        claims = {
            "iss": _ISSUER,
            "aud": _ISSUER,
            "sub": caller.principal,
            "user_id": caller.user_id,
            "role": caller.role.value,
            "sid": caller.session_id,
            "iat": now_s,
            "exp": now_s + LIFE_S,
        }
        return jwt.encode(claims, self._key, _ALGORITHM, {"kid": self._key_id, "typ": _TYPE})


class TokenReader:
    """Reads tokens: ``keys`` maps key id to 32 public bytes."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {key_id: Ed25519PublicKey.from_public_bytes(key) for key_id, key in keys.items()}

    def read(self, token: str, *, now_s: float) -> Caller | None:
        """Return who the token says asks, or None when it is forged, malformed, expired, or its key retired."""
        if len(token) > MAX_TOKEN:
            return None
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(header.get("kid", ""))
            if key is None or header.get("typ") != _TYPE:
                return None
            claims = jwt.decode(
                token,
                key,
                [_ALGORITHM],
                # The library would read the wall clock; ``now_s`` is the caller's.
                {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
                issuer=_ISSUER,
                audience=_ISSUER,
            )
            return _caller(claims) if now_s < claims["exp"] else None
        except (jwt.PyJWTError, ValueError, TypeError):
            return None


def _caller(claims: Mapping[str, Any]) -> Caller | None:
    role = Role(claims["role"])
    return Caller(claims["sub"], claims["user_id"], role, claims["sid"]) if role in _WITH_SESSION else None
