"""What is broken and what has grown are looked at again, and the round goes on and ends all the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from audit.auditor import sweep
from audit.auditor.follower import NotReachedError
from audit.auditor.ledger import Position
from audit.auditor.sections import MOST_ROWS, Look, Section, World
from audit.auditor.sweep import Sweep
from audit.auditor.violations import Violation, Violations

WATCHED_FOR_S: Final = 600
ROUND_S: Final = 10.0
BOOKINGS: Final = "the bookings"
BROKEN: Final = [Violation("a booking is broken")]


class Clock:
    """Time that passes only where a test lets it."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def time(self) -> float:
        return self.now_s


@dataclass(frozen=True)
class Part:
    """A section of so many rows, in each of two stores; ``broken`` where its first row is."""

    key: str
    rows: int
    broken: bool = False

    def look(self, _world: World) -> Look:
        rest = Part(f"{self.key}, on", self.rows - MOST_ROWS) if self.rows > MOST_ROWS else None
        return Look(BROKEN if self.broken else (), 2 * min(self.rows, MOST_ROWS), rest)


class Played:
    """A section whose looks a test has written down; the last one for ever. None: it cannot be told."""

    def __init__(self, key: str, *looks: Look | None) -> None:
        self.key = key
        self.looked = 0
        self._looks = looks

    def look(self, _world: World) -> Look:
        look = self._looks[min(self.looked, len(self._looks) - 1)]
        self.looked += 1
        if look is None:
            raise NotReachedError
        return look


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sweep, "time", clock)
    return clock


class Watched:
    """A sweep that goes round these sections."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, clock: Clock, *sections: Section, round_s: float = ROUND_S
    ) -> None:
        self.violations = Violations()
        self.sweep = Sweep(self.violations, round_s)
        self.looked: list[str] = []
        self._clock = clock
        self._follower = SimpleNamespace(caught_up=True, cursor=Position(1, 1), messages=1.0)
        self._world = World(cast("Any", None), cast("Any", None), cast("Any", None), cast("Any", self._follower))
        monkeypatch.setattr(sweep, "_sections", lambda _world: self._noted(sections))

    def _noted(self, sections: Sequence[Section]) -> Iterator[Section]:
        for section in sections:
            self.looked.append(section.key)
            yield section

    def watch(self, seconds: float = WATCHED_FOR_S, messages_per_s: int = 0) -> None:
        until = self._clock.now_s + seconds
        while self._clock.now_s < until:
            self.sweep.step(self._world)
            self._clock.now_s += 0.02
            self._follower.messages += messages_per_s * 0.02


@pytest.mark.parametrize("rows", [1_000, 6_500, 10_500, 20_000])
def test_a_section_that_has_grown_and_stays_broken_does_not_keep_the_sweep_from_all_else(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, rows: int
) -> None:
    watched = Watched(monkeypatch, clock, Part(BOOKINGS, rows, broken=True), Part("behind", 1_000))
    watched.watch()
    assert watched.sweep.rounds > WATCHED_FOR_S / ROUND_S / 2
    assert watched.looked.count("behind") >= watched.sweep.rounds - 1
    assert watched.violations.confirmed == BROKEN


@pytest.mark.parametrize("round_s", [1, ROUND_S, 60])
def test_a_round_begins_so_long_after_the_one_before(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, round_s: float
) -> None:
    watched = Watched(monkeypatch, clock, Part(BOOKINGS, 100), round_s=round_s)
    watched.watch()
    assert watched.sweep.rounds == pytest.approx(WATCHED_FOR_S / round_s, rel=0.05)


def test_the_rest_of_what_has_grown_is_looked_at_in_the_same_round(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    watched = Watched(monkeypatch, clock, Part(BOOKINGS, 12_000), Part("behind", 1_000))
    watched.watch(ROUND_S / 2)
    assert watched.sweep.proof is not None
    assert watched.sweep.proof.rows == 2 * 13_000


def test_a_look_again_that_finds_it_mended_does_not_spare_the_round_its_own(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The round could not tell the section, and the look again came first: the rest is still the round's to see."""
    rest = Played("behind them", Look((), 1))
    broken, mended = Look(BROKEN, 1), Look((), 1, rest)
    late = Played(BOOKINGS, broken, broken, None, mended)
    watched = Watched(monkeypatch, clock, late, Part("much else", 20_000))
    watched.watch(2 * ROUND_S)
    assert watched.sweep.proof is not None
    assert (late.looked, rest.looked) == (5, 1)


def test_what_is_broken_is_confirmed_and_found_mended_between_two_rounds(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    broken, mended = Look(BROKEN, 1), Look((), 1)
    watched = Watched(monkeypatch, clock, Played(BOOKINGS, broken, broken, broken, broken, mended))
    watched.watch(2.5)
    assert watched.violations.confirmed == BROKEN
    watched.watch(2)
    assert (watched.violations.confirmed, watched.sweep.rounds) == ([], 1)


def test_while_people_book_a_round_takes_longer(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    halls = [Part(f"hall {number}", 1_000) for number in range(1_000)]
    watched = Watched(monkeypatch, clock, *halls)
    looked = []
    for messages_per_s in (sweep.BUSY_PER_S - 5, sweep.BUSY_PER_S + 5, 0):
        before = len(watched.looked)
        watched.watch(20, messages_per_s)
        looked.append(len(watched.looked) - before)
    quiet, busy, after = looked
    assert min(quiet, after) > (sweep.WHILE_BUSY - 2) * busy
