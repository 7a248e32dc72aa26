"""Frontrow and the naive system: who is how many times faster, and sooner."""

from loadtest.bench.closed_loop import Figures, Seats, body
from loadtest.bench.contest import Busy, Contest
from loadtest.bench.spread import Spread

CLIENTS = Figures(answers=1_000, refused=0, broken=0, seconds=1, p50_ms=1, p95_ms=1, p99_ms=1)


def _busy(per_s: int, late_s: float) -> Busy:
    # One in a hundred is later, and does not count.
    return Busy(CLIENTS, shown=2 * per_s, seconds=2, late_s=[late_s] * 99 + [60])


def _contest(frontrow: list[Busy], naive: list[Busy]) -> Contest:
    return Contest(frontrow, naive, gentle_frontrow=[0.1], gentle_naive=[5], broken=[])


def test_rounds_that_were_neighbours_are_held_against_each_other() -> None:
    contest = _contest([_busy(1_000, 0.5), _busy(100, 5)], [_busy(100, 10), _busy(50, 150)])
    assert contest.faster == Spread(2, 6, 10)
    assert contest.sooner == Spread(20, 25, 30)
    assert round(contest.gently_sooner) == 50


def test_both_targets_have_to_be_met() -> None:
    assert _contest([_busy(500, 0.5)], [_busy(100, 10)]).met
    assert not _contest([_busy(499, 0.5)], [_busy(100, 10)]).met
    assert not _contest([_busy(500, 0.51)], [_busy(100, 10)]).met


def test_one_hall_after_the_other_has_its_next_seat_booked() -> None:
    seats = Seats("hall-", 2, 3)
    booked = [body(seats, number).decode() for number in (0, 1, 2, 6)]
    assert booked[0] == '{"userId":"user-0","eventId":"hall-0","seatId":"S1"}'
    assert '"eventId":"hall-1","seatId":"S1"' in booked[1]
    assert '"eventId":"hall-0","seatId":"S2"' in booked[2]
    assert '"eventId":"hall-0","seatId":"S1"' in booked[3], "and begins again when all were asked for"
