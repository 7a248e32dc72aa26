"""Prices: what the seats of some blocks cost, as sections and layouts show it. Pure.

``seat_lists`` and ``layouts`` enter here.
"""

from collections.abc import Iterable, Sequence

from contracts.views import PricedView

BlockPrice = tuple[str | None, int | None, Sequence[PricedView]]
"""A block's category and price, and its seats that are of another category."""


def prices_of(blocks: Iterable[BlockPrice]) -> list[dict[str, object]]:
    """Return what these blocks' seats cost: the usual price, whose seats are not named, and the others."""
    usual: dict[tuple[str | None, int], None] = {}
    others: dict[tuple[str, int], list[str]] = {}
    for category, price_minor, priced in blocks:
        if price_minor is not None:
            usual[category, price_minor] = None
        for some in priced:
            others.setdefault((some["category"], some["price_minor"]), []).extend(some["seat_ids"])
    prices: list[dict[str, object]] = [
        {"category": name, "price_minor": price_minor, "seat_ids": None} for name, price_minor in usual
    ]
    for (name, price_minor), seat_ids in others.items():
        prices.append({"category": name, "price_minor": price_minor, "seat_ids": seat_ids})
    return prices
