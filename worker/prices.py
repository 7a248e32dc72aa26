"""Prices: what seats cost, and what a booking costs, which is fixed when its payment starts. Pure.

``deciding`` enters here. A seat without a price, or of a block without a currency, costs nothing.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


class Prices(NamedTuple):
    """What the seats of a block cost, in minor units of ``currency``; ``of_seats``: those that cost something else."""

    minor: int | None
    currency: str | None
    of_seats: Mapping[str, int] = _NONE

    def of(self, seat_id: str) -> int:
        """Return what a seat of the block costs."""
        if self.currency is None:
            return 0
        own = self.of_seats.get(seat_id)
        return own if own is not None else self.minor or 0


class Priced(NamedTuple):
    """What each of some seats costs, and the currency; None when all are free."""

    minor: tuple[int, ...]
    currency: str | None


def price_of(blocks: Mapping[int, Prices], seats: Iterable[tuple[str, int]]) -> Priced | None:
    """Return what ``seats`` (pairs of id and block) cost; None when it is two currencies, which no one payment is."""
    priced = [(blocks[block], blocks[block].of(seat_id)) for seat_id, block in seats]
    currencies = {prices.currency for prices, minor in priced if minor}
    if len(currencies) > 1:
        return None
    return Priced(tuple(minor for _prices, minor in priced), next(iter(currencies), None))
