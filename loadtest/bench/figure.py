"""Figure: the one kind of result of ``make bench``: what was measured, against what, what it should reach. Pure.

The parts of the benchmark enter with ``measured`` and ``compared``; ``results`` keeps figures, ``change`` holds those
of two runs against each other. A figure never fails anything: a missed target is for people to judge.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

Better = Literal["more", "less"]
"""Which way a figure gets better; a target is a lower bound of the one kind and an upper bound of the other."""

_SEPARATES_THOUSANDS: Final = 100
_HAS_ONE_DECIMAL: Final = 10
_HAS_TWO_DECIMALS: Final = 0.1


class Spread(NamedTuple):
    """The rounds of one measurement."""

    least: float
    median: float
    most: float


class Figure(NamedTuple):
    """One figure. ``name`` is the same in every run: it is what runs are compared by.

    ``reference`` is the value of ``against``, in the same unit, or None where the figure stands for itself; ``ratio``:
    the value against it, the median of the rounds' ratios. ``target``: a bound of the ratio where there is one, else of
    the value; None: a figure for context. ``values`` and ``ratios``: the rounds', None for what was measured once.
    ``flaw``: in words, what failed while it was measured; a figure with a flaw has not met its target.
    """

    name: str
    value: float
    unit: str
    better: Better = "more"
    target: float | None = None
    reference: float | None = None
    against: str = ""
    ratio: float | None = None
    values: Spread | None = None
    ratios: Spread | None = None
    flaw: str = ""

    @property
    def judged(self) -> float:
        """What the target is a bound of, and what two runs are compared by."""
        return self.value if self.ratio is None else self.ratio

    @property
    def spread(self) -> Spread | None:
        """The rounds of what is judged."""
        return self.values if self.ratio is None else self.ratios

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None where there is none."""
        if self.target is None:
            return None
        within = self.judged >= self.target if self.better == "more" else self.judged <= self.target
        return within and not self.flaw


def measured(
    name: str,
    values: Sequence[float],
    unit: str,
    *,
    better: Better = "more",
    target: float | None = None,
    flaw: str = "",
) -> Figure:
    """Return the figure of some rounds, the median of which counts; one value is no rounds."""
    return Figure(name, statistics.median(values), unit, better, target, values=_spread(values), flaw=flaw)


def compared(
    name: str,
    pairs: Sequence[tuple[float, float]],
    unit: str,
    against: str,
    *,
    target: float | None = None,
    flaw: str = "",
) -> Figure:
    """Return the figure of pairs that were measured beside each other: each a value and that of ``against``.

    Against nothing there is no ratio, which meets no target.
    """
    values, references = zip(*pairs, strict=True)
    ratios = [value / reference if reference else math.nan for value, reference in pairs]
    return Figure(
        name,
        statistics.median(values),
        unit,
        target=target,
        reference=statistics.median(references),
        against=against,
        ratio=statistics.median(ratios),
        values=_spread(values),
        ratios=_spread(ratios),
        flaw=flaw,
    )


def as_json(figure: Figure) -> dict[str, Any]:
    """Return the figure as ``bench.json`` has it."""
    return {
        **figure._asdict(),
        "value": _finite(figure.value),
        "reference": _finite(figure.reference),
        "ratio": _finite(figure.ratio),
        "met": figure.met,
        "values": _spread_as_json(figure.values),
        "ratios": _spread_as_json(figure.ratios),
    }


def from_json(found: dict[str, Any]) -> Figure:
    """Return the figure that ``as_json`` made this of.

    Raises:
        KeyError, TypeError: it did not.
    """
    fields = {name: value for name, value in found.items() if name != "met"}
    value = math.inf if found["value"] is None else found["value"]
    return Figure(
        **{**fields, "value": value, "values": _spread_of(found["values"]), "ratios": _spread_of(found["ratios"])}
    )


def _finite(value: float | None) -> float | None:
    """Return what JSON has a number for: the time until an answer that never came is none."""
    return value if value is not None and math.isfinite(value) else None


def number(value: float) -> str:
    """Return a number with as many digits as are worth reading."""
    if abs(value) >= _SEPARATES_THOUSANDS:
        return f"{value:,.0f}"
    if abs(value) >= _HAS_ONE_DECIMAL:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= _HAS_TWO_DECIMALS or not value else f"{value:.3f}"


def _spread(values: Sequence[float]) -> Spread | None:
    return Spread(min(values), statistics.median(values), max(values)) if len(values) > 1 else None


def _spread_as_json(spread: Spread | None) -> dict[str, float] | None:
    if spread is None or not all(map(math.isfinite, spread)):
        return None
    return {"min": spread.least, "median": spread.median, "max": spread.most}


def _spread_of(found: dict[str, float] | None) -> Spread | None:
    return Spread(found["min"], found["median"], found["max"]) if found is not None else None
