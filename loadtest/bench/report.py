"""Report: the measured figures beside the floors, as the table that the README quotes. Pure.

A figure below its floor is marked; it is for people to judge and never fails anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: its floor in words, what was measured in words, and whether the floor was met."""

    figure: str
    floor: str
    measured: str
    met: bool


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When, what and where: ``commit`` says so when the work tree had changes."""

    at: str
    commit: str
    machine: str
    seconds: float


def markdown(rows: Iterable[Row], notes: Sequence[str], broken: Sequence[str], around: Circumstances) -> str:
    """Return the whole report."""
    lines = [
        "| figure | floor | measured |",
        "|---|---|---|",
        *(f"| {row.figure} | {row.floor} | {row.measured}{'' if row.met else ' **(below)**'} |" for row in rows),
        "",
        *(f"- {note}" for note in notes),
        f"- Commit {around.commit}, {around.at}, {around.seconds:.0f} s. {around.machine}",
    ]
    if broken:
        lines += ["", "**BROKEN**, so these figures mean nothing:", "", *(f"- {text}" for text in broken)]
    else:
        lines += ["- Nothing was lost: every invariant holds afterwards (`python -m audit`)."]
    return "\n".join(lines) + "\n"
