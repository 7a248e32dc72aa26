"""Make MongoDB a replica set of one node and give each service its user. Harmless when run twice.

A one-shot of both ways to run Frontrow: it waits for the server. Where the server asks for authentication and has no
user yet, MongoDB's localhost exception lets exactly one be made: it is ``root``, and from then on ``root`` does the
rest. So without a ``root`` the one-shot must reach the server by its loopback address. Where there is no authentication
(tests), the password is empty and no user is made.
"""

import sys
import time
from typing import Any, Final

from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from runtime.settings import Settings, load

Client = MongoClient[dict[str, Any]]

WAIT_S: Final = 60.0
"""How long the server may take to answer, and after that to become the primary."""
ROOT: Final = "root"
REPLICA_SET: Final = "rs0"
ROLES: Final = {"sync_service": "readWrite", "read_api": "read", "audit": "read"}
"""The service's role on the view's database. Users live in ``admin``, which is where clients look by default."""

_ALREADY_INITIALIZED: Final = 23
_AUTHENTICATION_FAILED: Final = 18
_UNAUTHORIZED: Final = 13
_USER_EXISTS: Final = 51003


class MongoInitSettings(Settings):
    """Where the server is (``mongodb://host:port``, no credentials) and the passwords its users get."""

    mongo_url: str
    mongo_database: str = "frontrow"
    mongo_password: SecretStr = SecretStr("")
    sync_service_mongo_password: SecretStr = SecretStr("")
    read_api_mongo_password: SecretStr = SecretStr("")
    audit_mongo_password: SecretStr = SecretStr("")


def initiate(url: str, database: str, root_password: str, passwords: dict[str, str], *, wait_s: float = WAIT_S) -> None:
    """Bring the server at ``url`` to a writable replica set with a user for each service in ``passwords``.

    Raises:
        PyMongoError: the server did not answer, or became no primary, within ``wait_s`` seconds.
    """
    deadline = time.monotonic() + wait_s
    with _connect(url) as client:
        _wait_for_answer(client, deadline)
    if not root_password:
        with _connect(url) as client:
            _initiate(client, deadline)
        return
    with _connect(url, root_password) as client:
        if not _knows_root(client):
            with _connect(url) as stranger:
                _initiate(stranger, deadline)
                _create_root(stranger, root_password)
    with _connect(url, root_password) as client:
        _initiate(client, deadline)
        for service, password in passwords.items():
            _set_user(client, service, password, database)


def _connect(url: str, root_password: str = "") -> Client:
    login: dict[str, Any] = (
        {"username": ROOT, "password": root_password, "authSource": "admin"} if root_password else {}
    )
    return MongoClient(url, directConnection=True, serverSelectionTimeoutMS=2_000, connectTimeoutMS=2_000, **login)


def _wait_for_answer(client: Client, deadline: float) -> None:
    while True:
        try:
            client.admin.command("ping")
        except PyMongoError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _knows_root(client: Client) -> bool:
    try:
        client.admin.command("ping")
    except OperationFailure as refused:
        if refused.code != _AUTHENTICATION_FAILED:
            raise
        return False
    return True


def _initiate(client: Client, deadline: float) -> None:
    """Initiate the set unless it is, then wait until this node takes writes."""
    if not client.admin.command("hello").get("setName"):
        host, port = client.address or ("127.0.0.1", 27017)
        here = f"{host}:{port}"
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": here}]}
        try:
            client.admin.command("replSetInitiate", config)
        except OperationFailure as refused:
            # Another one-shot was faster, or a stranger asks a set that already has its users.
            if refused.code not in {_ALREADY_INITIALIZED, _UNAUTHORIZED}:
                raise
            if refused.code == _ALREADY_INITIALIZED:
                _move(client, here)
    while not client.admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > deadline:
            msg = "MongoDB did not become the primary of its replica set in time"
            raise PyMongoError(msg)
        time.sleep(0.05)


def _move(client: Client, here: str) -> None:
    """Have the set's one member be at ``here``: under its former address (another port) it never becomes primary."""
    config = client.admin.command("replSetGetConfig")["config"]
    if [member["host"] for member in config["members"]] == [here]:
        return
    config["members"][0]["host"] = here
    config["version"] += 1
    # By force: there is no primary that could be asked.
    client.admin.command("replSetReconfig", config, force=True)


def _create_root(client: Client, password: str) -> None:
    try:
        client.admin.command("createUser", ROOT, pwd=password, roles=["root"])
    except OperationFailure as refused:
        if refused.code != _USER_EXISTS:
            raise


def _set_user(client: Client, service: str, password: str, database: str) -> None:
    roles = [{"role": ROLES[service], "db": database}]
    try:
        client.admin.command("createUser", service, pwd=password, roles=roles)
    except OperationFailure as refused:
        if refused.code != _USER_EXISTS:
            raise
        client.admin.command("updateUser", service, pwd=password, roles=roles)


def main() -> int:
    """Run the one-shot; returns the process' exit status."""
    settings = load(MongoInitSettings)
    passwords = {
        service: secret.get_secret_value()
        for service in ROLES
        if (secret := getattr(settings, f"{service}_mongo_password")).get_secret_value()
    }
    root_password = settings.mongo_password.get_secret_value()
    initiate(settings.mongo_url, settings.mongo_database, root_password, passwords)
    print(f"mongo: replica set {REPLICA_SET} takes writes, users: {', '.join(passwords) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
