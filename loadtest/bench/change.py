"""Change: what two runs of ``make bench`` say differently, beyond the noise. Pure.

``compare`` enters. Compared is what a figure is judged by: its ratio where both runs have one, since most of what a
machine does besides falls on both sides of a ratio; else its value.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from loadtest.bench.figure import Figure, Spread, number
from loadtest.bench.results import Run

APART_PERCENT: Final = 5
ONCE_PERCENT: Final = 15
RULE: Final = (
    "A change is marked where the rounds of the two runs do not overlap and the medians are more than"
    f" {APART_PERCENT} % apart; of what a run measured only once, where it is more than {ONCE_PERCENT} %."
)
"""Three rounds of each fall apart by luck once in ten times, so that alone would mark some figure of every table."""


class Change(NamedTuple):
    """One figure in both runs."""

    before: Figure
    after: Figure

    @property
    def percent(self) -> float | None:
        """By how much what is judged has grown; None where it was nothing before."""
        before, after, _ = self._judged()
        return (after / before - 1) * 100 if before else None

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the change is one; see ``RULE``."""
        percent = self.percent
        if percent is None:
            return False
        _, _, spreads = self._judged()
        if spreads is None:
            return abs(percent) > ONCE_PERCENT
        before, after = spreads
        return abs(percent) > APART_PERCENT and (before.most < after.least or after.most < before.least)

    @property
    def is_better(self) -> bool:
        """Whether the change is for the better."""
        before, after, _ = self._judged()
        return (after > before) == (self.after.better == "more")

    def _judged(self) -> tuple[float, float, tuple[Spread, Spread] | None]:
        """Return the two that are compared, and their rounds where both have some."""
        before, after = self.before, self.after
        if before.ratio is None or after.ratio is None:
            spreads = (before.values, after.values)
            return before.value, after.value, _both(spreads)
        return before.ratio, after.ratio, _both((before.ratios, after.ratios))


def changes(before: Run, after: Run) -> Iterator[Change]:
    """Yield every figure that both runs have, in the order of the later one."""
    former = {one.name: one for one in before.figures}
    return (Change(former[one.name], one) for one in after.figures if one.name in former)


def markdown(before: Run, after: Run) -> str:
    """Return both runs side by side."""
    names = {one.name for one in before.figures}, {one.name for one in after.figures}
    lines = [
        f"A: commit {before.commit}, {before.at}. {before.machine}",
        f"B: commit {after.commit}, {after.at}. {after.machine}",
        "",
        "| figure | A | B | ratio A | ratio B | change |",
        "|---|---|---|---|---|---|",
        *map(_row, changes(before, after)),
        "",
        "| processor time of a booking, µs | A | B | change |",
        "|---|---|---|---|",
        *(_cost(name, before.cpu_us[name], us) for name, us in after.cpu_us.items() if name in before.cpu_us),
        "",
        RULE,
        *(f"Only in {run}: {name}." for run, name in _alone(*names)),
        *(f"{run} is BROKEN, its figures mean nothing: {text}" for run, text in _broken(before, after)),
    ]
    return "\n".join(lines) + "\n"


def _row(one: Change) -> str:
    before, after = one
    return (
        f"| {after.name} | {number(before.value)} | {number(after.value)} {after.unit} | {_ratio(before)} |"
        f" {_ratio(after)} | {_said(one)} |"
    )


def _cost(name: str, before: float, after: float) -> str:
    one = Change(Figure(name, before, "µs", "less"), Figure(name, after, "µs", "less"))
    return f"| {name} | {number(before)} | {number(after)} | {_said(one)} |"


def _said(one: Change) -> str:
    if one.percent is None:
        return ""
    mark = f" **{'better' if one.is_better else 'worse'}**" if one.is_beyond_noise else ""
    return f"{one.percent:+.0f} %{mark}"


def _ratio(one: Figure) -> str:
    return "" if one.ratio is None else number(one.ratio)


def _both(spreads: tuple[Spread | None, Spread | None]) -> tuple[Spread, Spread] | None:
    before, after = spreads
    return (before, after) if before is not None and after is not None else None


def _alone(before: set[str], after: set[str]) -> Iterator[tuple[str, str]]:
    yield from (("A", name) for name in sorted(before - after))
    yield from (("B", name) for name in sorted(after - before))


def _broken(before: Run, after: Run) -> Iterator[tuple[str, str]]:
    yield from (("A", text) for text in before.broken)
    yield from (("B", text) for text in after.broken)
