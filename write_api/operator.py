"""``python -m write_api.operator <user-id>``: make somebody an operator, who may then say what others may do.

Whoever runs the platform enters here, once: it needs write_api's own secrets and no session. The account must be there.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from contracts.callers import Role
from runtime import logs, settings
from runtime.postgres import Postgres, PostgresAwayError
from write_api.people import People
from write_api.settings import OperatorSettings


async def make_operator(loaded: OperatorSettings, user_id: str) -> bool:
    """Give the account the role; False when there is no such account."""
    postgres = Postgres(loaded.postgres_conninfo, "operator", connections=1)
    await postgres.start()
    try:
        return await People(postgres).set_role(user_id, Role.OPERATOR) is not None
    finally:
        await postgres.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="python -m write_api.operator", description="Make somebody an operator.")
    parser.add_argument("user_id", help="the name of an account that is there")
    asked = parser.parse_args(arguments)
    loaded = settings.load(OperatorSettings)
    logs.configure("operator", loaded.log_level)
    try:
        found = asyncio.run(make_operator(loaded, asked.user_id))
    except PostgresAwayError:
        sys.stderr.write("PostgreSQL does not answer; nothing was changed.\n")
        return 1
    if not found:
        sys.stderr.write(f"There is no account {asked.user_id}. Register it first: POST /api/accounts.\n")
        return 1
    sys.stdout.write(f"{asked.user_id} is an operator, from the next log-in or refresh on.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
