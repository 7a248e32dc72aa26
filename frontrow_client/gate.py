"""A gate without a network: tells genuine tickets from forged ones, and lets each in once, by the public keys alone.

Whoever stands at a door enters here, with the keys that ``GET /api/tickets/keys`` gave while there was a network. A
gate knows what it saw itself: not that a seat was given back since its ticket was made, nor what another gate saw. So
what it let in is told to Frontrow afterwards (``Client.check_in``, code by code), which says of each what was wrong.
It needs ``cryptography`` besides: ``pip install "frontrow-client[gate]"``. As a program it reads codes line by line, as
scanners type them: ``python -m frontrow_client.gate keys.json concert123``.

A code is ``FR1:<key id>:<booking id>:<issue>:<event id>:<seat id>:<signature>``; the signature is Ed25519 over
everything before the last colon, as base64url without padding.
"""

import base64
import binascii
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORM: Final = "FR1"
PARTS: Final = 7
MAX_CODE: Final = 400

_PART: Final = re.compile(r"[A-Za-z0-9._~-]{1,86}", re.ASCII)

Answer = Literal["come in", "came in before", "no ticket", "another event"]


class Ticket(NamedTuple):
    """What a genuine ticket says. ``issue``: the booking's version when it was made."""

    booking_id: str
    issue: int
    event_id: str
    seat_id: str


class Gate:
    """A gate of one event. ``keys``: the JWK set of ``GET /api/tickets/keys``."""

    def __init__(self, keys: Mapping[str, Any], event_id: str) -> None:
        self._keys = {
            key["kid"]: Ed25519PublicKey.from_public_bytes(_octets(key["x"]))
            for key in keys["keys"]
            if (key["kty"], key["crv"]) == ("OKP", "Ed25519")
        }
        self._event_id = event_id
        self._inside: set[tuple[str, str]] = set()

    def read(self, code: str) -> Ticket | None:
        """Return what a code says, or None when it is no genuine ticket."""
        parts = code.split(":")
        known = len(code) <= MAX_CODE and len(parts) == PARTS and parts[0] == FORM
        if not known or not all(_PART.fullmatch(part) for part in parts):
            return None
        _form, key_id, booking_id, issue, event_id, seat_id, signature = parts
        key = self._keys.get(key_id)
        if key is None:
            return None
        try:
            key.verify(_octets(signature), code.rpartition(":")[0].encode())
            return Ticket(booking_id, int(issue), event_id, seat_id)
        except (InvalidSignature, binascii.Error, ValueError):
            return None

    def admit(self, code: str) -> Answer:
        """Say whether somebody may come in with a code; who may is remembered as being inside."""
        ticket = self.read(code)
        if ticket is None:
            return "no ticket"
        if ticket.event_id != self._event_id:
            return "another event"
        seat = ticket.booking_id, ticket.seat_id
        if seat in self._inside:
            return "came in before"
        self._inside.add(seat)
        return "come in"


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main() -> None:
    """Answer codes line by line until there are no more."""
    keys, event_id = sys.argv[1:]
    gate = Gate(json.loads(Path(keys).read_text(encoding="utf-8")), event_id)
    for line in sys.stdin:
        sys.stdout.write(f"{gate.admit(line.strip())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
