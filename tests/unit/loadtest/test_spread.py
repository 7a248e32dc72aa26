"""What rounds showed, and the ratios of neighbours."""

from loadtest.bench.spread import Spread, neighbours


def test_a_spread_is_the_least_the_median_and_the_most() -> None:
    assert Spread.of([3, 1, 2]) == Spread(1, 2, 3)
    assert Spread.of([4, 1]) == Spread(1, 2.5, 4)


def test_a_ratio_is_each_round_s_to_its_own_neighbour_s() -> None:
    assert neighbours([100, 10, 40], [50, 1, 10]) == Spread(2, 4, 10)


def test_a_spread_is_told_as_exactly_as_it_is_known() -> None:
    assert str(Spread(2, 3.456, 5)) == "3.46 (2.00 to 5.00)"
    assert str(Spread(2, 30, 50)) == "30.0 (2.0 to 50.0)"
    assert str(Spread(900, 1_234.5, 2_000)) == "1,234 (900 to 2,000)"
