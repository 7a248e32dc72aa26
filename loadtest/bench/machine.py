"""Machine: on what, and of which commit, the figures were measured."""

import os
import platform
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.native.settings import CHECKOUT


def commit() -> str:
    """Return the short commit id, with a word when the work tree had changes."""
    commit_id = _git("rev-parse", "--short", "HEAD") or "unknown"
    return f"{commit_id} with changes" if _git("status", "--porcelain", "--", ":!loadtest/results") else commit_id


def description() -> str:
    """Return processor, cores, memory and system in one line."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory_kb = next(int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    cores = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{cores} cores of {processor}, {memory_kb / 1024 / 1024:.0f} GB, {system}; load generator included."


@contextmanager
def only(processors: Collection[int]) -> Iterator[None]:
    """Keep this thread, and every process that it starts meanwhile, on some of the processors for good."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def halves(processors: Collection[int]) -> tuple[set[int], set[int]]:
    """Return two halves, the first with what is over; of one processor both are all."""
    ordered = sorted(processors)
    second = set(ordered[-(len(ordered) // 2) :])
    return (set(ordered) - second or second), second


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
