"""``make faults SEEDS=1-30``: seeds one after the other, each on a platform that is made anew, and one report of them.

Exit status 1 when one of them did not pass; the others are played all the same. A platform that could not be started
says nothing of Frontrow, and that seed counts as not passed: play it again when the machine has less to do. The report
goes to ``tests/faults/results``; with ``--readme`` its shortest table goes into README as well.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from loadtest.bench import machine
from tests.faults.run import site
from tests.faults.run.damage import Damage
from tests.faults.run.report import Played, by_fault, by_kind, read, summary, write
from tests.frontrow import CHECKOUT

RESULTS: Final = CHECKOUT / "tests" / "faults" / "results"
README: Final = CHECKOUT / "README.md"
KEPT: Final = CHECKOUT / ".frontrow" / "faults-failed"
MOST_SEEDS: Final = 1_000
SEED_WITHIN_S: Final = 1_800.0
"""Two minutes of rounds, the start, and whatever the last round waits for; five minutes on a quiet machine."""
_SHOWN: Final = re.compile(r"(?<=<!-- faults:begin -->\n).*?(?=<!-- faults:end -->)", re.DOTALL)


def main() -> int:
    """Play the seeds; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make faults SEEDS=", description=__doc__)
    parser.add_argument("seeds", help="1-30, or 7")
    parser.add_argument("--readme", action="store_true", help="put the table into README as well")
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)[:MOST_SEEDS]
    began = time.monotonic()
    played, failed = [], []
    with tempfile.TemporaryDirectory(prefix="frontrow-faults-") as folder:
        for seed in seeds:
            one = _play(seed, Path(folder) / f"{seed}.json")
            played += one
            if not one or one[0].wrong:
                failed.append(seed)
                _say(f"what everybody said meanwhile stays in {_kept(seed)}")
            _say(f"{time.monotonic() - began:7.0f} s  {summary(played)}; not passed: {failed or 'none'}")
    text = _report(played, failed, time.monotonic() - began)
    write(RESULTS / "latest.json", *played)
    (RESULTS / "latest.md").write_text(text)
    if arguments.readme:
        show(played, failed)
    _say(f"\n{text}")
    return 1 if failed else 0


def show(played: Sequence[Played], failed: Sequence[int]) -> None:
    """Put the table by kinds of fault into README."""
    text = f"{by_kind(_damages(played))}\n\n{_notes(played, failed)}"
    README.write_text(_SHOWN.sub(lambda _found: text, README.read_text()))


def _play(seed: int, result: Path) -> list[Played]:
    command = [sys.executable, "-m", "tests.faults.run", "--seed", str(seed), "--result", str(result)]
    try:
        subprocess.run(command, cwd=CHECKOUT, timeout=SEED_WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        _say(f"seed {seed}: stopped after {SEED_WITHIN_S:.0f} s")
        site.stop_what_is_left()
        return []
    return read(result) if result.exists() else []


def _kept(seed: int) -> Path:
    """Keep the logs and the history of a seed that failed, however it ended; the next one begins by deleting them."""
    kept, logs = KEPT / str(seed), Path(site.environment()["FRONTROW_HOME"]) / "logs"
    kept.mkdir(parents=True, exist_ok=True)
    if logs.is_dir():  # it may not have come so far
        shutil.copytree(logs, kept, dirs_exist_ok=True)
    return kept


def _report(played: Sequence[Played], failed: Sequence[int], seconds: float) -> str:
    wrong = [f"- seed {one.seed}: {sentence}" for one in played for sentence in one.wrong]
    operations = sorted({kind for one in played for kind in one.operations})
    counts = "\n".join(
        f"| {kind} | {' | '.join(str(sum(one.operations.get(kind, {}).get(r, 0) for one in played)) for r in _ENDS)} |"
        for kind in operations
    )
    return "\n\n".join(
        part
        for part in (
            "# Last played: `make faults SEEDS=`",
            _notes(played, failed) + f"- It took {seconds / 60:.0f} minutes.",
            "\n".join(wrong),
            by_kind(_damages(played)),
            by_fault(_damages(played)),
            f"| operation | {' | '.join(_ENDS)} |\n|---|---|---|---|\n{counts}\n",
        )
        if part
    )


_ENDS: Final = ("ok", "refused", "unknown")


def _notes(played: Sequence[Played], failed: Sequence[int]) -> str:
    seeds = [one.seed for one in played]
    between = f"{min(seeds)} to {max(seeds)}" if seeds else "none"
    return (
        f"- {summary(played)}. Seeds {between}; not passed: {', '.join(map(str, failed)) or 'none'}.\n"
        f"- {datetime.now(UTC):%Y-%m-%d}, commit {machine.commit()}. {machine.description()}\n"
    )


def _damages(played: Sequence[Played]) -> list[Damage]:
    return [damage for one in played for damage in one.damages]


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
