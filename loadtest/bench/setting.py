"""``make bench-setting SETTING=wal_compression=lz4``: drains with a setting of PostgreSQL and without it, in one run.

A drain is that of ``loadtest.bench.drain``, each on a ledger of its own, in turns, with every service stopped. The
setting is one that PostgreSQL takes up without a restart. Nothing is written: who keeps a setting runs ``make bench``.

Exit status: 0 whatever the figures are, 1 when something was lost or decided wrongly, 2 when there was nothing to
measure.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

import psycopg
from psycopg import sql

from infra.native.errors import CannotStartError
from infra.native.instance import SERVICES, Instance
from loadtest.bench import drain, rig, spent
from loadtest.bench.drain import Stores

ROUNDS: Final = 4
"""Even, so that each is as often the first of a pair as the second."""
COMMANDS: Final = 100_000
_RESTART: Final = "postmaster"
"""The context, in PostgreSQL's words, of a setting that wants a restart."""


class Drained(NamedTuple):
    """One drain: commands a second, and the processor time of a command in the worker and in PostgreSQL, in µs."""

    per_s: float
    worker_us: float
    postgres_us: float


class Pair(NamedTuple):
    """One round."""

    without: Drained
    having: Drained


def table(setting: str, pairs: Sequence[Pair]) -> str:
    """Return medians, and the median of the rounds' ratios, least to most. Pure."""
    lines = [f"| drain | without | {setting} | ratio |", "|---|---|---|---|"]
    for number, name in enumerate(("commands/s", "worker, µs a command", "PostgreSQL, µs a command")):
        ratios = sorted(pair.having[number] / pair.without[number] for pair in pairs)
        without, having = (statistics.median(pair[side][number] for pair in pairs) for side in (0, 1))
        between = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        lines.append(f"| {name} | {without:,.1f} | {having:,.1f} | {between} |")
    return "\n".join(lines)


def main() -> int:
    """Run the comparison; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make bench-setting SETTING=", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("setting", type=_setting, help="name=value")
    parser.add_argument("--rounds", type=int, choices=range(1, 21), default=ROUNDS, metavar="N")
    parser.add_argument("--commands", type=int, default=COMMANDS)
    arguments = parser.parse_args()
    name, value = arguments.setting
    broken: list[str] = []
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, say)
            try:
                pairs = _measure(instance, name, value, arguments, broken)
            finally:
                instance.stop()
            instance.reset()
    except (CannotStartError, psycopg.Error) as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    say("\n".join(["", table(f"{name} = {value}", pairs), *(f"BROKEN: {text}" for text in broken)]))
    return int(bool(broken))


def _setting(text: str) -> tuple[str, str]:
    name, is_one, value = text.partition("=")
    if not (name and is_one):
        msg = "name=value, as in wal_compression=lz4"
        raise argparse.ArgumentTypeError(msg)
    return name, value


def _measure(instance: Instance, name: str, value: str, arguments: argparse.Namespace, broken: list[str]) -> list[Pair]:
    say("starting the stores")
    instance.start()
    for program in instance.status():
        if program.startswith(SERVICES):
            instance.stop_program(program)
    where = rig.addresses(instance)
    stores = Stores(where.bootstrap, where.ledger, instance.environment_of("worker"))
    pairs = []
    with psycopg.connect(where.ledger, autocommit=True) as server:
        for number in range(arguments.rounds):
            drained = {}
            for having in (True, False) if number % 2 else (False, True):
                _set(server, name, value if having else None)
                drained[having] = _drain(instance, stores, arguments.commands, broken)
            pairs.append(Pair(drained[False], drained[True]))
            say(f"round {number + 1}: {drained[False].per_s:,.0f} and {drained[True].per_s:,.0f} commands/s")
    return pairs


def _drain(instance: Instance, stores: Stores, commands: int, broken: list[str]) -> Drained:
    with drain.fresh(stores) as one:
        before = spent.all_s(instance)["postgres"]
        drained = one.on_many_events("setting", commands)
        postgres_s = spent.all_s(instance)["postgres"] - before
    broken += drained.broken
    return Drained(drained.per_s, drained.cpu_us, postgres_s / commands * 1e6)


def _set(server: psycopg.Connection[tuple[object, ...]], name: str, value: str | None) -> None:
    """Have PostgreSQL take up a value, None its own; refuse what it would take up after a restart only."""
    found = server.execute("SELECT context FROM pg_settings WHERE name = %s", (name,)).fetchone()
    if found is None or found[0] == _RESTART:
        sentence = f"{name} is no setting that PostgreSQL takes up while it runs."
        raise CannotStartError(sentence, "Choose another one.")
    change = sql.SQL("ALTER SYSTEM RESET {}" if value is None else "ALTER SYSTEM SET {} = {}")
    server.execute(change.format(sql.Identifier(name), *([] if value is None else [sql.Literal(value)])))
    server.execute("SELECT pg_reload_conf()")


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
