"""What each service's role may do in PostgreSQL is what ``docs/grants.md`` says: no table less, no right more.

The server is asked twice: what it says that a role may do, and what it does when the role logs in and tries.
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infra.postgres.migrate import SERVICES

PAGE: Final = Path(__file__).parents[3] / "docs" / "grants.md"
MIGRATIONS_OWN: Final = re.compile(r"public\.(_?yoyo\w*)")
VERBS: Final = {"R": "SELECT", "A": "INSERT", "C": "UPDATE", "D": "DELETE"}
EVERYTHING: Final = "own"

Grants = dict[str, dict[str, str]]
"""By table, by service, what a cell of the page says."""


def documented() -> Grants:
    """Return the page's table."""
    text = PAGE.read_text()
    begin, end = (text.index(f"<!-- grants of PostgreSQL: {side} -->") for side in ("begin", "end"))
    head, _rule, *rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text[begin:end].splitlines()
        if line.startswith("|")
    ]
    return {row[0].strip("`"): dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def columns_of_tables(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Return every table and view that is ours, with its columns."""
    columns: dict[str, list[str]] = defaultdict(list)
    for table, column in connection.execute(
        """
        SELECT format('%s.%s', n.nspname, c.relname), a.attname
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY n.nspname <> 'public', n.nspname, c.relname, a.attnum
        """
    ):
        if not MIGRATIONS_OWN.fullmatch(table):
            columns[table].append(column)
    return columns


def actual(connection: psycopg.Connection[Any]) -> Grants:
    """Return what the server says, in the page's words."""
    return {
        table.removeprefix("public."): {
            service: _cell(connection, f"frontrow_{service}", table, columns) for service in SERVICES
        }
        for table, columns in columns_of_tables(connection).items()
    }


def _cell(connection: psycopg.Connection[Any], role: str, table: str, columns: list[str]) -> str:
    owned = connection.execute(
        "SELECT pg_get_userbyid(relowner) = %s FROM pg_class WHERE oid = %s::regclass", (role, table)
    )
    if one(owned):
        return EVERYTHING
    others = "TRUNCATE, REFERENCES, TRIGGER"
    assert not one(connection.execute("SELECT has_table_privilege(%s, %s, %s)", (role, table, others))), (role, table)
    schema = table.partition(".")[0]
    if not one(connection.execute("SELECT has_schema_privilege(%s, %s, 'USAGE')", (role, schema))):
        return ""
    told = []
    for letter, verb in VERBS.items():
        if one(connection.execute("SELECT has_table_privilege(%s, %s, %s)", (role, table, verb))):
            told.append(letter)
        elif letter != "D":
            query = (
                "SELECT array_agg(c) FILTER (WHERE has_column_privilege(%s, %s, c, %s)) FROM unnest(%s::text[]) AS c"
            )
            some = one(connection.execute(query, (role, table, verb, columns)))
            told += [f"{letter} ({', '.join(some)})"] if some else []
    return " ".join(told)


def one(cursor: psycopg.Cursor[Any]) -> Any:  # noqa: ANN401 - whatever the query asks for
    row = cursor.fetchone()
    assert row is not None
    return row[0]


def row(table: str, cells: dict[str, str]) -> str:
    """Return the line that the page lacks."""
    return f"| `{table}` | " + " | ".join(cells.values()) + " |"


def test_the_page_says_what_every_role_may_do_with_every_table(ledger: str) -> None:
    with psycopg.connect(ledger) as connection:
        found = actual(connection)
    said = documented()
    wrong = [row(table, cells) for table, cells in found.items() if said.get(table) != cells]
    assert not wrong, "docs/grants.md should have, if that is meant:\n" + "\n".join(wrong)
    assert list(said) == list(found), "the page's rows are those tables, in their order"


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_that_tries_more_is_refused(ledger: str, service: str) -> None:
    refused = 0
    with psycopg.connect(ledger) as owner:
        columns = {table.removeprefix("public."): names for table, names in columns_of_tables(owner).items()}
    with psycopg.connect(make_conninfo(ledger, user=f"frontrow_{service}"), autocommit=True) as connection:
        # Its own default stops writing as well; here the grants are to be seen at work.
        connection.execute("SET default_transaction_read_only = off")
        for table, cells in documented().items():
            for letter in VERBS:
                if cells[service] == EVERYTHING or letter in re.sub(r"\([^)]*\)", "", cells[service]):
                    continue
                # A view of several tables takes no rows from anybody.
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
                    connection.execute(_attempt(table, columns[table][0], letter))
                refused += 1
    assert refused > len(documented())


def _attempt(table: str, column: str, letter: str) -> sql.Composed:
    # EXPLAIN: the server checks what one may, and does nothing. The whole row, so that some columns are not enough.
    attempts = {
        "R": "EXPLAIN SELECT t FROM {} AS t",
        "A": "EXPLAIN INSERT INTO {} DEFAULT VALUES",
        "C": "EXPLAIN UPDATE {} SET {column} = DEFAULT",
        "D": "EXPLAIN DELETE FROM {}",
    }
    return sql.SQL(attempts[letter]).format(sql.Identifier(*table.split(".")), column=sql.Identifier(column))


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_is_nobody_special(ledger: str, service: str) -> None:
    role = f"frontrow_{service}"
    with psycopg.connect(ledger) as owner:
        special = owner.execute(
            """
            SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = %s
            """,
            (role,),
        ).fetchone()
        assert special == (False,) * 5
        member = owner.execute(
            "SELECT array_agg(roleid::regrole::text) FROM pg_auth_members WHERE member = %s::regrole", (role,)
        )
        assert one(member) == (["pg_read_all_stats"] if service == "audit" else None)
    with psycopg.connect(make_conninfo(ledger, user=role), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for attempt in (
            "CREATE TABLE public.own (n integer)",
            "CREATE SCHEMA own",
            "SET ROLE frontrow_owner",
            "ALTER ROLE frontrow_owner PASSWORD 'mine'",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "SELECT rolpassword FROM pg_authid",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attempt.encode())
