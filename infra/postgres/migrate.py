"""Apply the ledger's migrations, then give each service's role its password. Harmless when run twice.

A one-shot of both ways to run Frontrow. It is the only code that enters PostgreSQL as the owner of the tables.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from yoyo import get_backend, read_migrations

from runtime.settings import Settings, load

MIGRATIONS = Path(__file__).parent / "migrations"
SERVICES = ("worker", "sync_service", "audit", "write_api", "payments", "test_provider", "webhooks")

WAIT_S = 60.0
"""How long the server may take to answer; a first start on a slow disk takes about ten seconds."""


class MigrateSettings(Settings):
    """Where the ledger is, who owns it, and the passwords that the roles get; an empty one leaves the role as it is."""

    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    worker_postgres_password: SecretStr = SecretStr("")
    sync_service_postgres_password: SecretStr = SecretStr("")
    audit_postgres_password: SecretStr = SecretStr("")
    write_api_postgres_password: SecretStr = SecretStr("")
    payments_postgres_password: SecretStr = SecretStr("")
    test_provider_postgres_password: SecretStr = SecretStr("")
    webhooks_postgres_password: SecretStr = SecretStr("")


def migrate(conninfo: str, passwords: dict[str, str]) -> None:
    """Bring the database at ``conninfo`` to the newest schema; ``passwords`` maps service to password."""
    _wait_for(conninfo)
    info = psycopg.conninfo.conninfo_to_dict(conninfo)
    backend = get_backend(_yoyo_address(info))
    with backend, backend.lock():
        backend.apply_migrations(backend.to_apply(read_migrations(str(MIGRATIONS))))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for service, password in passwords.items():
            _set_password(connection, f"frontrow_{service}", password)


def _set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    # Hashed here, so that the password itself is in no statement and no server log.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(hashed)))


def _wait_for(conninfo: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            psycopg.connect(conninfo, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _yoyo_address(info: Mapping[str, object]) -> str:
    user, password = quote(str(info.get("user", ""))), quote(str(info.get("password", "")), safe="")
    host, port = str(info.get("host", "")), str(info.get("port", "5432"))
    query = ""
    if host.startswith("/"):
        query, host = "?" + urlencode({"host": host}), ""
    login = f"{user}:{password}" if password else user
    return f"postgresql+psycopg://{login}@{host}:{port}/{info.get('dbname', 'frontrow')}{query}"


def main() -> int:
    """Run the one-shot; returns the process' exit status."""
    settings = load(MigrateSettings)
    passwords = {
        service: secret.get_secret_value()
        for service in SERVICES
        if (secret := getattr(settings, f"{service}_postgres_password")).get_secret_value()
    }
    password = settings.postgres_password.get_secret_value()
    migrate(make_conninfo(settings.postgres_url, **({"password": password} if password else {})), passwords)
    return 0


if __name__ == "__main__":
    sys.exit(main())
