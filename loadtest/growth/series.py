"""Series: what a growth run measured, and the file that keeps it. Pure but for the two functions that touch the file.

The file is ``{"commit", "at", "machine", "series": [{"name", "x_name", "x_unit", "y_name", "y_unit", "points",
"commit", "at"}]}``; a point is ``{"x", "min", "median", "max"}`` of its rounds. Commit and date are those of the last
run, and at a series those of the run that measured it. A name is ``<group>: <what>``: a run of a group replaces its
whole group, so that no figure of a former run stays beside those of a later one as if they were one's.
"""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from loadtest.growth.names import Measure

_AFTER_GROUP = ": "


@dataclass(frozen=True, slots=True)
class Point:
    """The rounds at one ``x``: the least, the median and the most of them."""

    x: float
    min: float
    median: float
    max: float

    @classmethod
    def of(cls, x: float, rounds: Sequence[float]) -> "Point":
        """Return the point that these rounds make, at least one of them."""
        return cls(x, min(rounds), statistics.median(rounds), max(rounds))


@dataclass(frozen=True, slots=True)
class Series:
    """One curve with its axes. ``commit`` and ``at`` (a date) are empty as long as it is not kept."""

    name: str
    x_name: str
    x_unit: str
    y_name: str
    y_unit: str
    points: tuple[Point, ...]
    commit: str = ""
    at: str = ""

    @property
    def group(self) -> str:
        """Which series are measured, and replaced, together with it."""
        return self.name.partition(_AFTER_GROUP)[0]

    @property
    def what(self) -> str:
        """Its name within the group."""
        return self.name.partition(_AFTER_GROUP)[2]


@dataclass(frozen=True, slots=True)
class Growth:
    """Everything that is kept. ``commit``, ``at`` and ``machine`` are of the last run."""

    commit: str = ""
    at: str = ""
    machine: str = ""
    series: tuple[Series, ...] = ()

    def group(self, name: str) -> list[Series]:
        """Return a group's series, in the order in which they were measured; none when it was not."""
        return [one for one in self.series if one.group == name]

    def of(self, group: str, measure: Measure) -> list[Series]:
        """Return a group's series of one measure that have points."""
        return [one for one in self.group(group) if (one.y_name, one.y_unit) == measure and one.points]

    def find(self, group: str, what: str) -> Series | None:
        """Return one series with points, or None."""
        return next((one for one in self.group(group) if one.what == what and one.points), None)


@dataclass(frozen=True, slots=True)
class Axes:
    """What the series of one group share: the group's name, and what grows in which unit (may be empty)."""

    group: str
    x_name: str
    x_unit: str = ""


@dataclass(slots=True)
class Collected:
    """The rounds of one group while it is measured."""

    axes: Axes
    _rounds: dict[tuple[str, Measure], dict[float, list[float]]] = field(default_factory=dict)

    def add(self, what: str, measure: Measure, x: float, values: Iterable[float]) -> None:
        """Add rounds at ``x`` to a series; a time that is infinite, since nothing of the kind happened, is left out."""
        finite = [value for value in values if value != float("inf")]
        if finite:
            self._rounds.setdefault((what, measure), {}).setdefault(x, []).extend(finite)

    def series(self) -> list[Series]:
        """Return what was added as series, points in the order of ``x``."""
        axes = self.axes
        return [
            Series(
                f"{axes.group}{_AFTER_GROUP}{what}",
                axes.x_name,
                axes.x_unit,
                measure.name,
                measure.unit,
                tuple(Point.of(x, rounds) for x, rounds in sorted(points.items())),
            )
            for (what, measure), points in self._rounds.items()
        ]


def replaced(kept: Growth, measured: Sequence[Series], commit: str, at: str, machine: str) -> Growth:
    """Return what is kept once these were measured: their groups are theirs alone, all other series stay."""
    groups = {one.group for one in measured}
    stay = [one for one in kept.series if one.group not in groups]
    fresh = [replace(one, commit=commit, at=at) for one in measured]
    return Growth(commit, at, machine, (*stay, *fresh))


def read(file: Path) -> Growth:
    """Return what the file keeps; nothing when there is no file.

    Raises:
        ValueError, KeyError, TypeError: it is not ours.
    """
    if not file.exists():
        return Growth()
    data = json.loads(file.read_text(encoding="utf-8"))
    series = tuple(
        Series(**{**one, "points": tuple(Point(**point) for point in one["points"])}) for one in data["series"]
    )
    return Growth(data["commit"], data["at"], data["machine"], series)


def write(file: Path, growth: Growth) -> None:
    """Keep it, whole or not at all."""
    part = file.with_suffix(".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(json.dumps(asdict(growth), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(file)
