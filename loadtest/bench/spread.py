"""Spread: what several rounds of one figure showed, and the ratios of rounds that were neighbours. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the median and the most of some rounds."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Return the spread of these rounds, at least one."""
        return cls(min(values), statistics.median(values), max(values))

    def __str__(self) -> str:
        # Three digits are more than a round is worth.
        digits = 0 if self.most >= 100 else 1 if self.most >= 10 else 2  # noqa: PLR2004
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f} to {self.most:,.{digits}f})"


def neighbours(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Return the ratios of ours to theirs, each round's to its neighbour's, so that what both suffered falls out."""
    return Spread.of([one / other for one, other in zip(ours, theirs, strict=True)])
