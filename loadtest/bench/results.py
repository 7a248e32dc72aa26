"""Results: one run of ``make bench`` as ``loadtest/results/bench.json`` keeps it, and the table made of it. Pure.

``python -m loadtest.bench`` writes both; ``compare`` and the charts read the JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from loadtest.bench import figure
from loadtest.bench.figure import Figure, number

BOUND: Final = {"more": "≥", "less": "≤"}


@dataclass(frozen=True, slots=True)
class Run:
    """What one run found. ``commit`` says so when the work tree had changes; ``at``: when it ended, RFC 3339.

    ``versions``: of the servers and of Python, by name; ``seconds``: how long it took; ``cpu_us``: processor time for
    an accepted booking, by component, in microseconds; ``notes``: what a reader has to know; ``broken``: in words, what
    was lost or decided wrongly, and then the figures mean nothing.
    """

    commit: str
    at: str
    machine: str
    versions: Mapping[str, str]
    seconds: float
    figures: Sequence[Figure]
    cpu_us: Mapping[str, float]
    notes: Sequence[str]
    broken: Sequence[str]


def to_json(run: Run) -> str:
    """Return the run as ``bench.json`` has it."""
    found = {
        "commit": run.commit,
        "at": run.at,
        "machine": run.machine,
        "versions": dict(run.versions),
        "seconds": run.seconds,
        "figures": list(map(figure.as_json, run.figures)),
        "cpu_us": dict(run.cpu_us),
        "notes": list(run.notes),
        "broken": list(run.broken),
    }
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> Run:
    """Return the run that a ``bench.json`` holds.

    Raises:
        ValueError: it holds none.
    """
    try:
        found: dict[str, Any] = json.loads(text)
        return Run(**{**found, "figures": list(map(figure.from_json, found["figures"]))})
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        msg = f"this is no result of make bench: {error!r}"
        raise ValueError(msg) from error


def markdown(run: Run) -> str:
    """Return the run as the table that the README quotes; a missed target is marked."""
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    processor = ", ".join(f"{name} {number(us)}" for name, us in run.cpu_us.items())
    lines = [
        "| figure | target | measured | rounds, least to most |",
        "|---|---|---|---|",
        *map(row, run.figures),
        "",
        *([f"- Processor time for an accepted booking, µs: {processor}."] if processor else []),
        *(f"- {note}" for note in run.notes),
        f"- Commit {run.commit}, {run.at}, {run.seconds:.0f} s. {run.machine} {versions}.",
    ]
    if run.broken:
        lines += ["", "**BROKEN**, so these figures mean nothing:", "", *(f"- {text}" for text in run.broken)]
    else:
        lines += ["- Nothing was lost: every invariant holds afterwards (`python -m audit`)."]
    return "\n".join(lines) + "\n"


def row(one: Figure) -> str:
    """Return a figure's line of the table."""
    name = f"{one.name}, against {one.against}" if one.against else one.name
    target = "" if one.target is None else f"{BOUND[one.better]} {one.target:g}{_unit_of_judged(one)}"
    value = f"{number(one.value)} {one.unit}"
    if one.ratio is not None and one.reference is not None:
        value = f"{number(one.ratio)} ({number(one.value)} against {number(one.reference)} {one.unit})"
    flaw = f", {one.flaw}" if one.flaw else ""
    missed = " **(missed)**" if one.met is False else ""
    spread = f"{number(one.spread.least)} to {number(one.spread.most)}" if one.spread is not None else ""
    return f"| {name} | {target} | {value}{flaw}{missed} | {spread} |"


def _unit_of_judged(one: Figure) -> str:
    return "" if one.ratio is not None else f" {one.unit}"
