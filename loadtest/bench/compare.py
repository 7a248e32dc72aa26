"""``make bench-compare A=<file or commit> B=<file or commit>``: two runs of ``make bench`` side by side.

A commit means the ``loadtest/results/bench.json`` that was committed with it. Exit status: 0 whatever has changed, 2
when one of the two is no result.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from infra.native.settings import CHECKOUT
from loadtest.bench.change import markdown
from loadtest.bench.results import Run, from_json

KEPT: Final = "loadtest/results/bench.json"


def main() -> int:
    """Print the comparison; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make bench-compare", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", metavar="A", help="a file, or a commit")
    parser.add_argument("after", metavar="B", help="a file, or a commit")
    args = parser.parse_args()
    try:
        before, after = run_of(args.before), run_of(args.after)
    except ValueError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    print(markdown(before, after), end="")
    return 0


def run_of(name: str) -> Run:
    """Return the run in a file, or in a commit's own.

    Raises:
        ValueError: it is neither, or holds no run.
    """
    try:
        return from_json(Path(name).read_text() if Path(name).is_file() else _committed(name))
    except ValueError as wrong:
        msg = f"{name}: {wrong}"
        raise ValueError(msg) from wrong


def _committed(commit: str) -> str:
    command = ["git", "show", "--end-of-options", f"{commit}:{KEPT}"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"neither a file nor a commit with a {KEPT} of its own"
        raise ValueError(msg)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
