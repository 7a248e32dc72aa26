"""Command ids: minted by ``write_api``, checked by whoever is shown one, without a query.

An id is ``<prefix>_`` and 36 URL-safe characters of 27 bytes (no padding, no spare bits, so that changing any one
character changes the bytes)::

    key id (1) | issued, ms since the epoch (6) | partition (2) | dice (9) | check value (9)

The check value is an HMAC-SHA256 over prefix and the other bytes, so nobody can make an id up; the issue time lets an
undecided id be settled for good, and the partition sends later commands where the event's order lives.
Check keys rotate by key id; clock and dice are passed in. See docs/decisions/0001-booking-ids.md.

An id derived from an ``Idempotency-Key`` must come out the same for ever: it has no time, its dice are a digest, and it
is checked under a key of its own (key id 0) that does not rotate. See docs/decisions/0010-retries.md.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

BOOKING_PREFIX: Final = "bk"
COMMAND_PREFIX: Final = "cm"
OFFER_PREFIX: Final = "of"
"""Of the counter-offer that a refused booking got: the rest of its id is the booking's, so it has no check value."""

DICE_BYTES: Final = 9
"""72 random bits: with the check value, guessing an issued id is out of reach."""

ACCEPTANCE_BOUND_MS: Final = 30_000
"""A command that the log stamps later than this after its id's issue time is failed as ``never_accepted``.

More than three times the producer's delivery timeout, so that only a command that its client was told nothing good
about can be that late; short enough that a caller waits at most this and one idle tick for a final answer.
"""

KEYED_MS: Final = 0
"""The issue time of an id that carries none."""
KEYED_KEY_ID: Final = 0
"""The key id of ids that were derived; rotating keys have the others."""

ACCOUNT_PREFIX: Final = "ac_"
_PRINCIPAL_PREFIXES: Final = {"guest": "p_", "account": ACCOUNT_PREFIX}
_CHECK_BYTES: Final = 9
_BODY_BYTES: Final = 18
_TEXT_LENGTH: Final = 36
_KEYS_AT_HAND: Final = 64
"""Far above the keys that a process has; one more is begun with anew."""


@dataclass(frozen=True, slots=True)
class IssuedId:
    """What an id says of itself. ``issued_at_ms``: milliseconds since the epoch, the issuing process' clock."""

    text: str
    prefix: str
    issued_at_ms: int
    partition: int

    @property
    def keyed(self) -> bool:
        """Whether it was derived from an ``Idempotency-Key``, and so carries no time."""
        return self.issued_at_ms == KEYED_MS


class IdMint:
    """Makes and checks ids under a set of keys: ``keys`` maps key id (0-255) to at least 32 secret bytes.

    ``keyed_key`` checks derived ids; who neither derives nor reads them goes without.
    """

    def __init__(self, keys: Mapping[int, bytes], current: int, keyed_key: bytes | None = None) -> None:
        if current not in keys:
            msg = "the current key id has no key"
            raise ValueError(msg)
        if keyed_key is not None:
            if KEYED_KEY_ID in keys:
                msg = f"key id {KEYED_KEY_ID} is the one of derived ids"
                raise ValueError(msg)
            keys = {**keys, KEYED_KEY_ID: keyed_key}
        if not all(0 <= key_id <= 255 and len(key) >= 32 for key_id, key in keys.items()):  # noqa: PLR2004 - one byte, SHA-256's strength
            msg = "a key id is one byte and a key at least 32 bytes"
            raise ValueError(msg)
        self._keys = dict(keys)
        self._current = current

    def issue(self, prefix: str, *, issued_at_ms: int, partition: int, dice: bytes) -> str:
        """Return a new id; ``dice`` are ``DICE_BYTES`` random bytes from the caller."""
        return self._made(self._current, prefix, issued_at_ms, partition, dice)

    def derive(self, prefix: str, *, partition: int, digest: bytes) -> str:
        """Return the id that ``digest`` (``derived_dice``) always gives; it carries no time."""
        return self._made(KEYED_KEY_ID, prefix, KEYED_MS, partition, digest)

    def read(self, text: str) -> IssuedId | None:
        """Return what the id says, or None when it was never issued here (malformed, forged, key retired)."""
        prefix, _, encoded = text.partition("_")
        if len(encoded) != _TEXT_LENGTH or not text.isascii():
            return None
        try:
            # Not urlsafe_b64decode alone: it skips characters outside the alphabet instead of refusing them.
            raw = urlsafe_b64decode(encoded)
        except binascii.Error:
            return None
        if len(raw) != _BODY_BYTES + _CHECK_BYTES or urlsafe_b64encode(raw).decode() != encoded:
            return None
        body, check = raw[:_BODY_BYTES], raw[_BODY_BYTES:]
        key_id = body[0]
        if key_id not in self._keys or not hmac.compare_digest(check, self._check(key_id, prefix, body)):
            return None
        return IssuedId(text, prefix, int.from_bytes(body[1:7]), int.from_bytes(body[7:9]))

    def _made(self, key_id: int, prefix: str, issued_at_ms: int, partition: int, dice: bytes) -> str:
        if len(dice) != DICE_BYTES:
            msg = f"an id needs {DICE_BYTES} random bytes"
            raise ValueError(msg)
        body = key_id.to_bytes(1) + issued_at_ms.to_bytes(6) + partition.to_bytes(2) + dice
        return f"{prefix}_{urlsafe_b64encode(body + self._check(key_id, prefix, body)).decode()}"

    def _check(self, key_id: int, prefix: str, body: bytes) -> bytes:
        return _digest(self._keys[key_id], prefix.encode() + body)[:_CHECK_BYTES]


def derived_dice(key: bytes, *parts: str) -> bytes:
    """Return the dice of the id that these parts name; ``key`` never changes, or a retry would book twice.

    Each part goes in with its length, so that no two lists of parts are the same bytes.
    """
    named = b"".join(len(raw).to_bytes(4) + raw for raw in (part.encode() for part in parts))
    return _digest(key, named)[:DICE_BYTES]


def settlement_id(booking_id: str, attempt: int, result: str) -> str:
    """Return the id of the command that says what a provider said of a booking's payment: always the same one.

    So it may be put on the log again until that is acknowledged, and counts once. Nobody outside is told it or may ask
    for it, so it has no check value.
    """
    return _named_id("settle_payment", booking_id, str(attempt), result)


def suspension_id(*broken: str) -> str:
    """Return the id of the command that suspends an event's sale for what is broken in it: always the same one.

    So the auditor may find it again, or be started again, and the sale that somebody has opened meanwhile stays open.
    ``broken`` names the event too, and is what does not change while it is: no evidence.
    """
    return _named_id("suspend_sales", *broken)


def _named_id(*parts: str) -> str:
    named = hashlib.sha256(":".join(parts).encode()).digest()
    return f"{COMMAND_PREFIX}_{urlsafe_b64encode(named[: _BODY_BYTES + _CHECK_BYTES]).decode()}"


def opaque_principal(kind: Literal["guest", "account"], name: str, key: bytes) -> str:
    """Return the opaque id by which log and ledger know a person: a guest by name, an account by its random id.

    A keyed digest: the same person gets the same id for ever, and nobody without the key gets back from it to a name.
    Its prefix says which of the two it is, since an account's bookings are its owner's alone
    (docs/decisions/0015-who-may-do-what.md). An account's name is not in it: a name that is registered again, after its
    account was erased, is another principal.
    """
    digest = _digest(key, f"{kind}:{name}".encode())[:18]
    return _PRINCIPAL_PREFIXES[kind] + urlsafe_b64encode(digest).decode()


def is_account(principal: str | None) -> bool:
    """Whether a principal is an account and no guest."""
    return principal is not None and principal.startswith(ACCOUNT_PREFIX)


def _digest(key: bytes, text: bytes) -> bytes:
    """Return the HMAC-SHA256 of a text."""
    keyed = _keyed(key).copy()
    keyed.update(text)
    return keyed.digest()


@lru_cache(_KEYS_AT_HAND)
def _keyed(key: bytes) -> hmac.HMAC:
    """Return the beginning of every digest under a key.

    ``hmac.digest`` begins anew each time, and lets go of the interpreter's lock meanwhile: where another thread waits
    for that, getting it back costs more than the digest itself.
    """
    return hmac.new(key, digestmod=hashlib.sha256)
