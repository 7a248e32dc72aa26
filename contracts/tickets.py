"""Ticket codes: what a ticket's QR code says, signed, so that a gate without a network can tell a genuine one. Pure.

``read_api`` signs them, ``write_api`` reads them at check-in, and anybody may who has the public keys. A code is

::

    FR1:<key id>:<booking id>:<issue>:<event id>:<seat id>:<signature>

in ASCII. No id has a colon. ``issue`` is the booking's version when the ticket was made, in decimal. The signature is
that of Ed25519 (RFC 8032) over everything before the last colon, as base64url without padding. ``FR1`` is the form's
version: another form begins otherwise, and is none of these (docs/decisions/0028-tickets.md).

A signature says that we made the ticket; whether its seat is still the booking's, and not yet used, only the ledger
says. Signing is deterministic: the same booking, issue and seat is always the same code.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORM: Final = "FR1"
MAX_CODE: Final = 400
"""Characters; the longest ids make a code of some 330. What is longer is not looked at."""

_NAME: Final = r"[A-Za-z0-9._~-]{1,64}"
_CODE: Final = re.compile(
    rf"(?P<signed>FR1:(?P<key>{_NAME}):(?P<booking>bk_[A-Za-z0-9_-]{{36}}):(?P<issue>[1-9][0-9]{{0,17}})"
    rf":(?P<event>{_NAME}):(?P<seat>{_NAME})):(?P<signature>[A-Za-z0-9_-]{{86}})"
)


class TicketClaims(NamedTuple):
    """What a ticket says of itself."""

    booking_id: str
    issue: int
    event_id: str
    seat_id: str


class TicketSigner:
    """Signs tickets under one key of 32 private bytes."""

    def __init__(self, key_id: str, private: bytes) -> None:
        self._key_id = key_id
        self._key = Ed25519PrivateKey.from_private_bytes(private)

    def code(self, claims: TicketClaims) -> str:
        """Return the ticket's code."""
        booking_id, issue, event_id, seat_id = claims
        signed = f"{FORM}:{self._key_id}:{booking_id}:{issue}:{event_id}:{seat_id}"
        return f"{signed}:{base64url(self._key.sign(signed.encode()))}"


class TicketReader:
    """Reads tickets: ``keys`` maps key id to 32 public bytes."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {key_id: Ed25519PublicKey.from_public_bytes(key) for key_id, key in keys.items()}

    def read(self, code: str) -> TicketClaims | None:
        """Return what a code says, or None when we did not make it, or under no key that is good."""
        found = _CODE.fullmatch(code) if len(code) <= MAX_CODE else None
        key = self._keys.get(found["key"]) if found is not None else None
        if found is None or key is None:
            return None
        try:
            key.verify(base64.urlsafe_b64decode(found["signature"] + "=="), found["signed"].encode())
        except (InvalidSignature, binascii.Error):
            return None
        return TicketClaims(found["booking"], int(found["issue"]), found["event"], found["seat"])


def base64url(octets: bytes) -> str:
    """Return octets as base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
