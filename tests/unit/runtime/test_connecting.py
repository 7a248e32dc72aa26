"""Every service connects to PostgreSQL as ``runtime.connecting`` says."""

import re
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from runtime.connecting import watched

CHECKOUT = Path(__file__).parents[3]
SERVICES = ("worker", "sync_service", "runtime", "write_api", "read_api", "payments", "webhooks", "audit/auditor")
CONNECTING = re.compile(r"(?:psycopg\.connect|AsyncConnection\.connect|= AsyncConnectionPool)\(\s*(\w+)")
FILES = [*(path for room in SERVICES for path in (CHECKOUT / room).rglob("*.py")), CHECKOUT / "audit" / "stores.py"]
WHO_CONNECT = {path: found for path in FILES if (found := CONNECTING.findall(path.read_text()))}


@pytest.mark.parametrize("path", WHO_CONNECT, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_connection_of_a_service_is_watched_and_leaves_nothing_open(path: Path) -> None:
    assert set(WHO_CONNECT[path]) == {"watched"}
    assert "leaving_nothing_open():" in path.read_text()


def test_all_who_connect_are_looked_at() -> None:
    assert len(WHO_CONNECT) == 6


def test_what_else_a_connection_string_says_stays() -> None:
    said = conninfo_to_dict(watched("postgresql://somebody:secret@ledger:5433/frontrow?sslmode=require"))
    assert {"user": "somebody", "password": "secret", "host": "ledger", "port": "5433"}.items() <= said.items()
