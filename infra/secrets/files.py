"""Which secrets there are, who may know each, how they come to be files. Standard library only, but for key pairs.

Native start and the command enter here. Nothing in this module prints or returns a secret's value, but ``read``.
"""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

KEY_BYTES: Final = 32
"""Length of HMAC keys: SHA-256's own."""
MONGO_KEYFILE_BYTES: Final = 756
"""What MongoDB's manual makes: 1,008 base64 characters, under its limit of 1,024."""


def _password() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _rotating_keys() -> str:
    return json.dumps({"current": 1, "keys": {"1": _key()}})


def _webhook_secret() -> str:
    # The form of the Standard Webhooks specification.
    return f"whsec_{_key()}"


def _signing_keys() -> str:
    # 32 random bytes are an Ed25519 private key (RFC 8032, 5.1.5).
    return json.dumps({"current": "1", "keys": {"1": _key()}})


def _mongo_keyfile() -> str:
    return base64.b64encode(secrets.token_bytes(MONGO_KEYFILE_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class Secret:
    """One value and every place, ``<service>/<file>``, of those who may know it."""

    make: Callable[[], str]
    places: tuple[str, ...]


SECRETS: Final = (
    Secret(_rotating_keys, ("write_api/frontrow_booking_id_keys", "read_api/frontrow_booking_id_keys")),
    Secret(_key, ("write_api/frontrow_principal_key",)),
    Secret(_key, ("write_api/frontrow_derivation_key",)),
    Secret(_key, ("write_api/frontrow_refresh_key",)),
    Secret(_key, ("write_api/frontrow_keyed_id_key", "read_api/frontrow_keyed_id_key")),
    Secret(_key, ("write_api/frontrow_payment_token_key", "payments/frontrow_payment_token_key")),
    # What a provider outside gives us goes into these two files in its place.
    Secret(_password, ("payments/frontrow_payment_provider_key", "test_provider/frontrow_payment_provider_key")),
    Secret(
        _webhook_secret,
        tuple(f"{who}/frontrow_payment_webhook_secret" for who in ("payments", "test_provider")),
    ),
    Secret(_rotating_keys, ("webhooks/frontrow_webhook_secret_keys",)),
    Secret(_password, ("postgres/frontrow_postgres_password", "migrate/frontrow_postgres_password")),
    *(
        Secret(_password, (f"{role}/frontrow_postgres_password", f"migrate/frontrow_{role}_postgres_password"))
        for role in ("worker", "sync_service", "audit", "write_api", "payments", "test_provider", "webhooks")
    ),
    Secret(_password, ("mongo/frontrow_mongo_password", "mongo_init/frontrow_mongo_password")),
    *(
        Secret(_password, (f"{user}/frontrow_mongo_password", f"mongo_init/frontrow_{user}_mongo_password"))
        for user in ("sync_service", "read_api", "audit")
    ),
    Secret(_mongo_keyfile, ("mongo/frontrow_mongo_keyfile",)),
    Secret(_password, ("redis/frontrow_redis_password",)),
    *(
        Secret(_password, (f"{user}/frontrow_redis_password", f"redis/frontrow_{user}_redis_password"))
        for user in ("worker", "write_api", "audit")
    ),
)

REDIS_ACL: Final = "redis/frontrow_redis_acl"
"""Redis' ``aclfile``: its users, with the hashes of their passwords only. Made of the passwords and the table below at
each start, so that an earlier release's does not stay."""
REDIS_USERS: Final = {
    # For whoever runs this, and for nobody's program.
    "default": "~* &* +@all",
    "worker": (
        "~frontrow:seat-lock:* ~frontrow:outcome:* &frontrow:outcomes:* "
        "-@all +@connection -@admin -@dangerous +evalsha +script|load +set +mget +del +publish"
    ),
    "write_api": (
        "~frontrow:idempotency:* ~frontrow:throttle:* ~frontrow:outcome:* &frontrow:outcomes:* "
        "-@all +@connection -@admin -@dangerous +set +get +incrby +ttl +multi +exec +subscribe +unsubscribe"
    ),
    # Who replicates from whom, and no key.
    "audit": "-@all +@connection -@admin -@dangerous +info",
}
"""What each user may touch, and by which commands (docs/grants.md, tests/integration/infra/test_store_users.py)."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Keys that sign, and every place of the other half, which only reads.

    To rotate: add a key to the private ones and name it ``current``, remove the public files, start again; take the old
    key away once nothing that it signed is used any more.
    """

    private: str
    public: tuple[str, ...]


TOKEN_KEYS: Final = KeyPair(
    "write_api/frontrow_token_signing_keys",
    tuple(f"{service}/frontrow_token_public_keys" for service in ("read_api", "webhooks", "audit")),
)
"""Of access tokens. Whoever reads the private half can be anybody; a token lives a quarter of an hour."""
TICKET_KEYS: Final = KeyPair("read_api/frontrow_ticket_signing_keys", ("write_api/frontrow_ticket_public_keys",))
"""Of tickets. Whoever reads the private half can print them; a ticket is used until its event is over."""

KEY_PAIRS: Final = (TOKEN_KEYS, TICKET_KEYS)

KNOWN: Final = frozenset(
    (
        *(place for secret in SECRETS for place in secret.places),
        REDIS_ACL,
        *(place for pair in KEY_PAIRS for place in (pair.private, *pair.public)),
    )
)
"""Every file that is made here; what else lies there was put there by an operator (a mail server's password)."""
NEEDED_ELSEWHERE: Final = (
    "write_api/frontrow_booking_id_keys",
    "write_api/frontrow_keyed_id_key",
    "write_api/frontrow_derivation_key",
    "write_api/frontrow_principal_key",
    "write_api/frontrow_refresh_key",
    TOKEN_KEYS.private,
    TICKET_KEYS.private,
    "write_api/frontrow_payment_token_key",
    "payments/frontrow_payment_provider_key",
    "payments/frontrow_payment_webhook_secret",
    "webhooks/frontrow_webhook_secret_keys",
    "postgres/frontrow_postgres_password",
)
"""What must come along when PostgreSQL moves to another machine: the keys that ids, principals, sessions, tickets,
sealed tokens and sealed webhook secrets were made under, what a provider gave us, and the password of the ledger's
owner. All other files are copies of these, or of stores that are made anew, and ``generate`` makes them."""


def generate(home: Path, *, owner: int | None = None) -> int:
    """Make what is missing below ``home/secrets``; returns how many files were written.

    ``owner`` is the user and group id that the services' folders and files are given to, but not the folder around
    them; None leaves them to whoever runs.
    """
    root = home / "secrets"
    _folder(root)
    made = 0
    for secret in SECRETS:
        paths = [root / place for place in secret.places]
        # A copy that is there is the value: a password that a store knows already must never change.
        known = next((path.read_text() for path in paths if path.exists()), None)
        value = known if known is not None else secret.make()
        made += sum(_write_new(path, value) for path in paths)
    acl = root / REDIS_ACL
    if acl.exists() and acl.read_text() != _redis_acl(home):
        acl.unlink()
    made += _write_new(acl, _redis_acl(home))
    made += sum(_key_pair(root, pair) for pair in KEY_PAIRS)
    # Letters that no mail server takes hold links that open accounts: whoever is to write there has to own it.
    mail = home / "mail"
    _folder(mail)
    auditor = home / "auditor"
    _folder(auditor)
    if owner is not None:
        for path in (mail, auditor, *root.glob("*"), *root.glob("*/*")):
            os.chown(path, owner, owner)
    return made


def read(home: Path, service: str, name: str) -> str:
    """Return the secret ``frontrow_<name>`` of a service."""
    return (home / "secrets" / service / f"frontrow_{name}").read_text()


def _redis_acl(home: Path) -> str:
    names = {
        "default": "redis_password",
        **{user: f"{user}_redis_password" for user in REDIS_USERS if user != "default"},
    }
    hashes = {user: hashlib.sha256(read(home, "redis", name).encode()).hexdigest() for user, name in names.items()}
    return "".join(f"user {user} on #{hashes[user]} {rules}\n" for user, rules in REDIS_USERS.items())


def _key_pair(root: Path, pair: KeyPair) -> int:
    """Make what is missing of a pair, unless this Python cannot: see ``infra.secrets``."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - not installed everywhere
    except ImportError:
        return 0
    signing = root / pair.private
    made = int(_write_new(signing, _signing_keys()))
    private: dict[str, str] = json.loads(signing.read_text())["keys"]
    public = {
        key_id: base64.b64encode(
            Ed25519PrivateKey.from_private_bytes(base64.b64decode(key)).public_key().public_bytes_raw()
        ).decode()
        for key_id, key in private.items()
    }
    return made + sum(_write_new(root / place, json.dumps({"keys": public})) for place in pair.public)


def _folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def _write_new(path: Path, value: str) -> bool:
    """Write the file unless it is there; a crash leaves the whole file or none."""
    if path.exists():
        return False
    _folder(path.parent)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    return True
