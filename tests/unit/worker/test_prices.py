"""What seats cost."""

from worker.prices import Priced, Prices, price_of

STALLS = Prices(6_500, "EUR", {"A1": 900, "A2": 0})
FREE = Prices(None, "EUR")


def test_a_seat_costs_its_own_price_or_its_blocks() -> None:
    assert price_of({0: STALLS}, [("A1", 0), ("A2", 0), ("A3", 0)]) == Priced((900, 0, 6_500), "EUR")


def test_what_is_free_has_no_currency() -> None:
    assert price_of({0: STALLS, 1: FREE}, [("A2", 0), ("B1", 1)]) == Priced((0, 0), None)


def test_a_price_without_a_currency_is_none() -> None:
    assert price_of({0: Prices(6_500, None, {"A1": 900})}, [("A1", 0), ("A3", 0)]) == Priced((0, 0), None)


def test_two_currencies_are_no_price() -> None:
    blocks = {0: STALLS, 1: Prices(5_000, "USD")}
    assert price_of(blocks, [("A3", 0), ("B1", 1)]) is None
    assert price_of(blocks, [("A2", 0), ("B1", 1)]) == Priced((0, 5_000), "USD"), "what is free is in no currency"
