"""The report: what was played and what it cost, of one seed or of many, as data and as tables. Pure but for its files.

``__main__`` writes what a seed played, ``campaign`` reads that of all its seeds, and README shows the shortest table.
"""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.faults.run.damage import Damage
from tests.faults.run.history import Result
from tests.faults.run.table import FAULTS

if TYPE_CHECKING:
    from tests.faults.run.nemesis import Nemesis

TIMES: Final = ("accepted_s", "decided_s", "shown_s")
PAIR: Final = "two at once"
KINDS: Final = (
    "kill -9",
    "stop",
    "freeze for long",
    "freeze",
    "slow",
    "cut",
    "half open",
    "answers lost on",
    "clock ahead",
    "disk full",
)
"""How faults' names begin that are done to many processes, links or stores; every other one is a kind of its own."""


@dataclass(frozen=True, slots=True)
class Played:
    """What one seed played. ``operations``: how many of each kind, and how they ended; ``wrong``: what cannot be."""

    seed: int
    damages: Sequence[Damage]
    operations: dict[str, dict[str, int]]
    wrong: Sequence[str]

    @classmethod
    def of(cls, seed: int, nemesis: "Nemesis", wrong: Sequence[str]) -> "Played":
        """Return what a nemesis played."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for operation in nemesis.history.so_far():
            counts[operation.kind][operation.result] += 1
        return cls(seed, nemesis.damages, {kind: dict(of_it) for kind, of_it in sorted(counts.items())}, wrong)


def write(path: Path, *played: Played) -> None:
    """Write it down as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in played], indent=1) + "\n")


def read(path: Path) -> list[Played]:
    """Return what was written down."""
    found: list[dict[str, Any]] = json.loads(path.read_text())
    return [Played(**{**one, "damages": [Damage(**damage) for damage in one["damages"]]}) for one in found]


def summary(played: Sequence[Played]) -> str:
    """Say how much there was, and what was wrong."""
    damages = [damage for one in played for damage in one.damages]
    faults = {name for damage in damages for name in damage.faults.split(" + ")}
    ended: Counter[str] = Counter()
    for one in played:
        for of_it in one.operations.values():
            ended.update(of_it)
    wrong = sum(len(one.wrong) for one in played)
    endings = " / ".join(f"{ended[result]:,} {result}" for result in Result)
    return (
        f"{len(played)} seed{'s' * (len(played) != 1)}, {len(damages)} rounds, "
        f"{len(faults)} of the {len(FAULTS)} faults, {ended.total():,} operations ({endings}), {wrong} violations"
    )


def by_fault(damages: Sequence[Damage]) -> str:
    """Return what each fault, and each pair of faults, cost: the median and the worst of its rounds."""
    return _table(damages, lambda damage: damage.faults, "fault")


def by_kind(damages: Sequence[Damage]) -> str:
    """Return the same in a few lines: one a kind of fault, whatever it is done to."""
    return _table(damages, _kind_of, "fault, to any process, link or store")


def _kind_of(damage: Damage) -> str:
    if " + " in damage.faults:
        return PAIR
    return next((kind for kind in KINDS if damage.faults.startswith(f"{kind} ")), damage.faults)


def _table(damages: Sequence[Damage], name_of: Callable[[Damage], str], first: str) -> str:
    named: dict[str, list[Damage]] = defaultdict(list)
    for damage in damages:
        named[name_of(damage)].append(damage)
    columns = [
        first,
        "rounds",
        *(f"{word} again, s: median (worst)" for word in ("accepted", "decided", "shown")),
        "ok / refused / unknown meanwhile",
        "slowest answer, s",
    ]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, of_it in sorted(named.items()):
        times = [_median_and_worst([getattr(damage, time) for damage in of_it]) for time in TIMES]
        told = " / ".join(f"{sum(damage.told.get(result, 0) for damage in of_it):,}" for result in Result)
        slowest = max(damage.slowest_s for damage in of_it)
        lines.append(f"| {name} | {len(of_it)} | {' | '.join(times)} | {told} | {slowest:.1f} |")
    return "\n".join(lines)


def _median_and_worst(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} ({max(seconds):.1f})"
