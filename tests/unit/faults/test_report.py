"""What was played is written down, read again, and told in tables."""

from pathlib import Path

from tests.faults.run.damage import Damage
from tests.faults.run.history import Result
from tests.faults.run.report import Played, by_fault, by_kind, read, summary, write
from tests.faults.run.table import FAULTS


def damage(faults: str, seconds: float) -> Damage:
    return Damage(faults, 0.0, 0.1, seconds, seconds, {Result.OK: 5}, 0.2)


KILLED = [damage("kill -9 worker", seconds) for seconds in (1.0, 2.0, 9.0)]
PLAYED = Played(7, [*KILLED, damage("kill -9 kafka", 4.0)], {"book": {"ok": 4, "refused": 1}}, [])


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "played.json", PLAYED, PLAYED)
    assert read(tmp_path / "played.json") == [PLAYED, PLAYED]


def test_a_fault_s_rounds_are_told_as_their_median_and_their_worst() -> None:
    assert "| kill -9 worker | 3 | 0.1 (0.1) | 2.0 (9.0) | 2.0 (9.0) | 15 / 0 / 0 | 0.2 |" in by_fault(PLAYED.damages)


def test_faults_of_one_kind_are_one_line_and_so_are_all_pairs() -> None:
    told = by_kind([*PLAYED.damages, damage("kill -9 worker + flush redis", 1.0), damage("flush redis", 1.0)])
    names = [line.split("|")[1].strip() for line in told.splitlines()[2:]]
    assert names == ["flush redis", "kill -9", "two at once"]
    assert "| kill -9 | 4 | 0.1 (0.1) | 3.0 (9.0) |" in told


def test_the_sum_says_how_much_there_was() -> None:
    text = summary([PLAYED, PLAYED])
    faults = f"2 of the {len(FAULTS)} faults"
    assert text == f"2 seeds, 8 rounds, {faults}, 10 operations (8 ok / 2 refused / 0 unknown), 0 violations"
