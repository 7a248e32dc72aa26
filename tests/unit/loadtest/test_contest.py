"""Frontrow and the naive system: who is how many times faster, and sooner."""

from loadtest.bench.closed_loop import Figures, Seats, body
from loadtest.bench.contest import Busy, Contest
from loadtest.bench.figure import Spread
from loadtest.bench.figures import of_contest

CLIENTS = Figures(answers=1_000, refused=0, broken=0, seconds=1, p50_ms=1, p95_ms=1, p99_ms=1)


def _busy(per_s: int, late_s: float) -> Busy:
    # One in a hundred is later, and does not count.
    return Busy(CLIENTS, shown=2 * per_s, seconds=2, late_s=[late_s] * 99 + [60])


def _contest(frontrow: list[Busy], naive: list[Busy]) -> Contest:
    return Contest(frontrow, naive, gentle_frontrow=[0.1], gentle_naive=[5], broken=[])


def test_rounds_that_were_neighbours_are_held_against_each_other() -> None:
    faster, sooner, gently = of_contest(_contest([_busy(1_000, 0.5), _busy(100, 5)], [_busy(100, 10), _busy(50, 125)]))
    assert (faster.value, faster.reference, faster.ratio, faster.ratios) == (550, 75, 6, Spread(2, 6, 10))
    assert (sooner.value, sooner.reference, sooner.unit) == (2.75, 67.5, "s")
    assert sooner.ratios == Spread(0.04, 0.045, 0.05)
    assert (gently.ratio, gently.met) == (0.02, None)


def test_twenty_times_sooner_and_five_times_faster_are_the_targets() -> None:
    for per_s, late_s, met in ((500, 0.5, [True, True]), (499, 0.5, [False, True]), (500, 0.51, [True, False])):
        faster, sooner, _ = of_contest(_contest([_busy(per_s, late_s)], [_busy(100, 10)]))
        assert [faster.met, sooner.met] == met


def test_one_hall_after_the_other_has_its_next_seat_booked() -> None:
    seats = Seats("hall-", 2, 3)
    booked = [body(seats, number).decode() for number in (0, 1, 2, 6)]
    assert booked[0] == '{"userId":"user-0","eventId":"hall-0","seatId":"S1"}'
    assert '"eventId":"hall-1","seatId":"S1"' in booked[1]
    assert '"eventId":"hall-0","seatId":"S2"' in booked[2]
    assert '"eventId":"hall-0","seatId":"S1"' in booked[3], "and begins again when all were asked for"
