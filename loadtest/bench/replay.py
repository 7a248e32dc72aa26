"""Replay: what PostgreSQL alone takes of the worker's batches: their own SQL, sent by ``pgbench``.

Context for how near a worker's drain is to the limit of its ledger. A worker that writes its transactions down
(``recorder``) drains a backlog; ``pgbench`` then plays them, in one session as the worker has one, on ledgers that are
as empty as the first one was. Announcing the halls is played as well and is not in the figure. Afterwards every outcome
must be there.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from psycopg.conninfo import conninfo_to_dict

from infra.native.errors import CannotStartError
from infra.native.machine import find_programs
from loadtest.bench.backlog import Hall
from loadtest.bench.drain import HALLS, Stores, fresh
from loadtest.bench.ledger import BenchLedger
from loadtest.bench.pace import Pace
from loadtest.bench.recorder import COMMITTED
from worker.session import SESSION_OPTIONS

_PLAYED_WITHIN_S: Final = 120.0
_LATENCY: Final = re.compile(r"latency average = ([0-9.]+) ms")


@dataclass(frozen=True)
class Replayed:
    """Each round's bookings and transactions a second; ``broken`` says in words what was not there afterwards."""

    bookings_per_s: Sequence[float]
    transactions_per_s: Sequence[float]
    broken: list[str]


class Script(NamedTuple):
    """What a worker said to its ledger: until the halls were on sale, and then."""

    before: str
    bookings: str


def measure(stores: Stores, pace: Pace) -> Replayed:
    """Record once and play as often as there are rounds.

    Raises:
        CannotStartError: there is no PostgreSQL here, so no platform either.
    """
    programs = find_programs().postgres_bin
    if programs is None:
        sentence = "PostgreSQL's programs are not here."
        raise CannotStartError(sentence, "Start the platform once.")
    halls = [Hall(f"replay-{number}", pace.replayed_bookings // HALLS) for number in range(HALLS)]
    expected = Counter(confirmed=sum(hall.seats for hall in halls))
    with tempfile.TemporaryDirectory(prefix="frontrow-bench-") as name:
        folder = Path(name)
        script, broken = _record(stores, halls, expected, folder / "said.sql")
        parts = []
        for part, text in zip(Script._fields, script, strict=True):
            parts.append(folder / f"{part}.sql")
            parts[-1].write_text(text, encoding="utf-8")
        seconds = []
        for _ in range(pace.rounds):
            with BenchLedger(stores.admin) as ledger:
                before, bookings = parts
                _play(programs / "pgbench", stores.admin, ledger.name, before)
                ledger.checkpoint()
                seconds.append(_play(programs / "pgbench", stores.admin, ledger.name, bookings))
                broken += ledger.broken([hall.event_id for hall in halls], expected)
    transactions = script.bookings.count(COMMITTED)
    return Replayed([expected.total() / one for one in seconds], [transactions / one for one in seconds], broken)


def cut(said: str, at: int) -> Script:
    """Return what was said before and after, cut behind the last transaction that had ended by then."""
    end = said.rindex(COMMITTED, 0, at) + len(COMMITTED)
    return Script(said[:end], said[end:])


def _record(stores: Stores, halls: list[Hall], expected: Counter[str], file: Path) -> tuple[Script, list[str]]:
    command = shlex.join([sys.executable, "-m", "loadtest.bench.recorder", str(file)])
    with fresh(replace(stores, command=command)) as drain:
        drain.announce(halls)
        on_sale = file.stat().st_size
        drained = drain.decide("recorded", halls, [hall.seat_ids() for hall in halls], expected)
    # The worker has ended by now, so the last transaction is there too. All of it is ASCII: a byte is a character.
    return cut(file.read_text(encoding="ascii"), on_sale), drained.broken


def _play(pgbench: Path, admin: str, database: str, script: Path) -> float:
    """Return how many seconds a script took."""
    to = conninfo_to_dict(admin)
    where = ["--host", to["host"], "--port", to.get("port", 5432), "--username", to["user"]]
    how = ["--no-vacuum", "--protocol", "extended", "--client", 1, "--transactions", 1, "--file", script]
    done = subprocess.run(
        [str(one) for one in (pgbench, *where, *how, database)],
        env={**os.environ, "PGPASSWORD": str(to.get("password", "")), "PGOPTIONS": SESSION_OPTIONS},
        capture_output=True,
        text=True,
        timeout=_PLAYED_WITHIN_S,
        check=True,
    )
    found = _LATENCY.search(done.stdout)
    if found is None:
        msg = f"pgbench said: {done.stdout}{done.stderr}"
        raise ValueError(msg)
    return float(found[1]) / 1000
