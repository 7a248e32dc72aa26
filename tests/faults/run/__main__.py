"""``make faults``: one seed, two minutes, a platform of its own. Exit status 1 when something cannot have happened.

``SEED=`` plays a seed again, ``ROUNDS=`` plays so many rounds however long they take, ``FAULT=`` plays that fault in
every round (two, with a comma, at once), ``FAULT=list`` says which there are. ``SEEDS=1-30`` is ``campaign``'s.
"""

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Final

from tests.faults.run import releases, restores
from tests.faults.run.fault import Fault
from tests.faults.run.nemesis import Nemesis, Round, plan
from tests.faults.run.report import Played, by_fault, write
from tests.faults.run.site import Site, of_this_run
from tests.faults.run.table import FAULTS, named, possible
from tests.faults.run.witness import watching
from tests.frontrow import CHECKOUT

RUN_S: Final = 120.0
"""After so long no round begins any more."""
MOST_ROUNDS: Final = 1_000
RARELY: Final = 0.2
"""How many of the seeds begin with the former release; and how many end with the topic deleted and made again."""


def main() -> int:
    """Play one seed; returns the process' exit status."""
    arguments = _arguments()
    if arguments.fault == "list":
        for fault in FAULTS:
            lacks = fault.needs()
            _say(f"{fault.name}{lacks and f' (cannot: {lacks})'}")
        return 0
    _say(f"seed {arguments.seed}: SEED={arguments.seed} make faults")
    chosen = named(arguments.fault.split(",")) if arguments.fault else ()
    begins, ends = _ends_of(arguments.seed, chosen)
    with of_this_run(releases.former() if begins else CHECKOUT) as site, watching(site) as witness:
        nemesis = Nemesis(site, f"faults-{arguments.seed}", witness)
        wrong = _play(nemesis, _rounds(site, arguments.seed, arguments.rounds, chosen, begins), arguments.rounds)
        if not wrong and not any(fault.last for fault in chosen):  # what is wrong may not settle for long
            wrong = nemesis.settle()
        if not wrong and ends:
            wrong = _play(nemesis, [Round(ends, arguments.seed)], 1)
        history = site.instance.logs / f"history-{arguments.seed}.jsonl"
        nemesis.history.save(history)
    _say(f"\n{by_fault(nemesis.damages)}\n\n{len(nemesis.history.operations)} operations in {history}")
    for sentence in wrong:
        _say(f"WRONG: {sentence}")
    _say(f"seed {arguments.seed}: {'NOT all is well' if wrong else 'nothing lost, nothing sold twice'}")
    if arguments.result:
        write(arguments.result, Played.of(arguments.seed, nemesis, wrong))
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--rounds", type=int, default=0, help="0: as many as begin within two minutes")
    parser.add_argument("--fault", default="", help="this one in every round, or two with a comma; `list` names all")
    parser.add_argument("--result", type=Path, help="where to write what was played, for a campaign")
    return parser.parse_args()


def _ends_of(seed: int, chosen: tuple[Fault, ...]) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """Return what a seed's run begins with and ends with, beside its plan."""
    if chosen:
        return (chosen if any(fault.former for fault in chosen) else ()), ()
    dice = random.Random(-1 - seed)
    begins = releases.FAULTS if dice.random() < RARELY and not releases.lacking() else ()
    ends = tuple(fault for fault in restores.FAULTS if fault.last) if dice.random() < RARELY else ()
    return begins, ends


def _rounds(site: Site, seed: int, rounds: int, chosen: tuple[Fault, ...], begins: tuple[Fault, ...]) -> list[Round]:
    planned = plan(seed, possible(site), rounds or MOST_ROUNDS)
    if chosen:
        return [Round(chosen, round_.seed) for round_ in planned[: 1 if begins else None]]
    return [*(Round((fault,), seed) for fault in begins), *planned]


def _play(nemesis: Nemesis, rounds: list[Round], asked: int) -> list[str]:
    began = time.monotonic()
    for round_ in rounds:
        if not asked and time.monotonic() - began > RUN_S:
            break
        _say(f"{time.monotonic() - began:6.1f} s  round {len(nemesis.damages) + 1}: {round_.name}")
        if wrong := nemesis.play(round_):
            return wrong
    return []


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
