"""``make faults``: one seed, two minutes, a platform of its own. Exit status 1 when something cannot have happened.

``SEED=`` plays a seed again, ``ROUNDS=`` plays so many rounds however long they take, ``FAULT=`` plays that fault in
every round (two, with a comma, at once), ``FAULT=list`` says which there are.
"""

import argparse
import random
import sys
import time
from typing import Final

from tests.faults.run.damage import table
from tests.faults.run.nemesis import Nemesis, Round, plan
from tests.faults.run.site import of_this_run
from tests.faults.run.table import FAULTS, named, possible

RUN_S: Final = 120.0
"""After so long no round begins any more."""
MOST_ROUNDS: Final = 1_000


def main() -> int:
    """Play one seed; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--rounds", type=int, default=0, help="0: as many as begin within two minutes")
    parser.add_argument("--fault", default="", help="this one in every round, or two with a comma; `list` names all")
    arguments = parser.parse_args()
    if arguments.fault == "list":
        _say(
            "\n".join(f"{fault.name}{lacks and f' (cannot: {lacks})'}" for fault in FAULTS for lacks in [fault.needs()])
        )
        return 0
    _say(f"seed {arguments.seed}: SEED={arguments.seed} make faults")
    with of_this_run() as site:
        rounds = plan(arguments.seed, possible(site), arguments.rounds or MOST_ROUNDS)
        if arguments.fault:
            faults = named(arguments.fault.split(","))
            rounds = [Round(faults, round_.seed) for round_ in rounds]
        nemesis = Nemesis(site, f"faults-{arguments.seed}")
        began = time.monotonic()
        wrong: list[str] = []
        for number, round_ in enumerate(rounds, 1):
            if wrong or (not arguments.rounds and time.monotonic() - began > RUN_S):
                break
            _say(f"{time.monotonic() - began:6.1f} s  round {number}: {round_.name}")
            wrong = nemesis.play(round_)
        wrong += nemesis.settle()
        history = site.instance.logs / f"history-{arguments.seed}.jsonl"
        nemesis.history.save(history)
    _say(f"\n{table(nemesis.damages)}\n\n{len(nemesis.history.operations)} operations in {history}")
    for sentence in wrong:
        _say(f"WRONG: {sentence}")
    _say(f"seed {arguments.seed}: {'NOT all is well' if wrong else 'nothing lost, nothing sold twice'}")
    return 1 if wrong else 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
