"""Comparison: the figures of two commits beside each other, as ``loadtest/results/against.md`` has them. Pure."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SLOWER_AT_MOST: Final = 0.10
"""How much slower than the former commit a plain booking may be."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of plain bookings. ``per_s``: confirmed and shown; ``cpu_us``: processor time a booking, by process."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: Mapping[str, float]

    @property
    def total_us(self) -> float:
        """All processes' processor time for one booking, the load generator's left out."""
        return sum(self.cpu_us.values())


@dataclass(frozen=True, slots=True)
class Measured:
    """One commit's rounds; ``drains``: as (commands a second, the worker's µs for each)."""

    name: str
    rounds: Sequence[Round]
    drains: Sequence[tuple[float, float]]


def markdown(former: Measured, now: Measured, broken: Sequence[str], around: str) -> str:
    """Return the report; a figure that is worse by more than ``SLOWER_AT_MOST`` is marked."""
    lines = [
        f"# Last measured: `make bench-against COMMIT={former.name}`",
        "",
        "Plain bookings, closed loop of 64 clients, rounds of both commits in turns; median (least to most).",
        "",
        f"| figure | {former.name} | now | ratio of medians | median of the rounds' ratios |",
        "|---|---|---|---|---|",
        _row("confirmed and shown, bookings/s", former, now, lambda one: one.per_s, more_is_better=True),
        _row("click to 202, p50 ms", former, now, lambda one: one.p50_ms, more_is_better=False),
        _row("click to 202, p99 ms", former, now, lambda one: one.p99_ms, more_is_better=False),
        _row("processor time a booking, µs", former, now, lambda one: one.total_us, more_is_better=False),
        *(
            _row(f"… of {name}", former, now, lambda one, name=name: one.cpu_us.get(name, 0.0), more_is_better=False)  # type: ignore[misc]  # a default is how a loop's variable is kept
            for name in sorted({name for one in (*former.rounds, *now.rounds) for name in one.cpu_us})
        ),
    ]
    if former.drains and now.drains:
        lines += [
            _drained("worker alone, draining, commands/s", former, now, 0, more_is_better=True),
            _drained("… its processor time a command, µs", former, now, 1, more_is_better=False),
        ]
    lines += ["", f"- {len(now.rounds)} rounds of each. {around}"]
    if broken:
        lines += ["", "**BROKEN**, so these figures mean nothing:", "", *(f"- {text}" for text in broken)]
    return "\n".join(lines) + "\n"


def ratios(former: Sequence[float], now: Sequence[float]) -> tuple[float, float]:
    """Return now against former: of the medians, and the median of the ratios of rounds that were neighbours."""
    pairs = zip(former, now, strict=True)
    return statistics.median(now) / statistics.median(former), statistics.median(new / old for old, new in pairs)


def _row(figure: str, former: Measured, now: Measured, value: Callable[[Round], float], *, more_is_better: bool) -> str:
    old, new = [value(one) for one in former.rounds], [value(one) for one in now.rounds]
    return _line(figure, old, new, more_is_better=more_is_better)


def _drained(figure: str, former: Measured, now: Measured, which: int, *, more_is_better: bool) -> str:
    old, new = [one[which] for one in former.drains], [one[which] for one in now.drains]
    return _line(figure, old, new, more_is_better=more_is_better)


def _line(figure: str, old: Sequence[float], new: Sequence[float], *, more_is_better: bool) -> str:
    if not statistics.median(old):
        return f"| {figure} | {_spread(old)} | {_spread(new)} | | |"
    of_medians, of_rounds = ratios(old, new)
    worse = 1 / of_medians - 1 if more_is_better else of_medians - 1
    mark = " **(worse)**" if worse > SLOWER_AT_MOST else ""
    return f"| {figure} | {_spread(old)} | {_spread(new)} | {of_medians:.2f}{mark} | {of_rounds:.2f} |"


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"
