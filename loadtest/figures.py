"""Figures of a load run: what Locust counted, as the rows of two tables. Pure.

The first is of the calls, by their kind; the second of what customers did, with how it ended, refusals by their reason.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from loadtest.names import ACCEPT, ENDED, FOLLOW, LIFE, OUTCOME

ROWS: Final = ("accepts", "outcomes", "reads", "follows")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``failures`` are also in ``answers``, not in ``per_s``; times are as exact as Locust's."""

    name: str
    answers: int
    failures: int
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


def rows(entries: Iterable[Mapping[str, Any]], seconds: float) -> list[Row]:
    """Return the table's rows from the entries of Locust's ``--json``, over a run of so many seconds."""
    times: dict[str, Counter[float]] = {name: Counter() for name in ROWS}
    failures: Counter[str] = Counter()
    for entry in entries:
        if entry["name"].startswith(LIFE):
            continue  # what a customer does is several calls, and the time between them
        row = _row_of(entry["name"])
        times[row].update({float(ms): count for ms, count in entry["response_times"].items()})
        failures[row] += entry["num_failures"]
    return [
        Row(
            name,
            counted.total(),
            failures[name],
            (counted.total() - failures[name]) / seconds,
            percentile(counted, 50),
            percentile(counted, 95),
            percentile(counted, 99),
        )
        for name, counted in times.items()
    ]


def ended(entries: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many bookings ended in which status."""
    return {
        entry["name"].removeprefix(OUTCOME): entry["num_requests"]
        for entry in sorted(entries, key=lambda entry: str(entry["name"]))
        if entry["name"].startswith(OUTCOME)
    }


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of thing that customers did. ``ends``: how often it ended how, the most frequent first."""

    name: str
    count: int
    p50_ms: float
    p99_ms: float
    ends: Mapping[str, int]


def deeds(entries: Iterable[Mapping[str, Any]]) -> list[Deed]:
    """Return what customers did, from the entries of Locust's ``--json``, by name."""
    times: dict[str, Counter[float]] = {}
    ends: dict[str, Counter[str]] = {}
    for entry in entries:
        if not entry["name"].startswith(LIFE):
            continue
        name, _, ended = entry["name"].removeprefix(LIFE).partition(ENDED)
        counted = {float(ms): count for ms, count in entry["response_times"].items()}
        times.setdefault(name, Counter()).update(counted)
        ends.setdefault(name, Counter())[ended] += sum(counted.values())
    return [
        Deed(
            name,
            counted.total(),
            percentile(counted, 50),
            percentile(counted, 99),
            dict(ends[name].most_common()),
        )
        for name, counted in sorted(times.items())
    ]


def deeds_table(lines: Iterable[Deed]) -> str:
    """Return what customers did as text."""
    head = f"{'customers':26}{'count':>8}{'p50 ms':>9}{'p99 ms':>9}  how it ended"
    text = [
        f"{deed.name:26}{deed.count:8}{deed.p50_ms:9.0f}{deed.p99_ms:9.0f}  "
        + ", ".join(f"{count} {ended}" for ended, count in deed.ends.items())
        for deed in lines
    ]
    return "\n".join([head, *text])


def percentile(counted: Mapping[float, int], percent: int) -> float:
    """Return the value that ``percent`` of the counted ones do not exceed (nearest rank); 0 when there are none."""
    rank = max(1, -(-sum(counted.values()) * percent // 100))
    seen = 0
    for value in sorted(counted):
        seen += counted[value]
        if seen >= rank:
            return value
    return 0.0


def _row_of(name: str) -> str:
    if name.startswith(OUTCOME):
        return "outcomes"
    return {ACCEPT: "accepts", FOLLOW: "follows"}.get(name, "reads")


def table(lines: Iterable[Row]) -> str:
    """Return the rows as text; follows are the looks at a booking's status until it has one."""
    head = f"{'':10}{'per second':>12}{'answers':>10}{'failures':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"
    text = [
        f"{row.name:10}{row.per_s:12.1f}{row.answers:10}{row.failures:10}"
        f"{row.p50_ms:9.0f}{row.p95_ms:9.0f}{row.p99_ms:9.0f}"
        for row in lines
    ]
    return "\n".join([head, *text])
