"""Seat lists: a block's ``{"seat_id", "status", "user_id"}`` objects as bytes, in map order.

A block's layout never changes, so the bytes around each status are made once; the list of a version that was made
already is used again. Both are kept for the blocks used last.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

import orjson

from contracts.seat_status import WORDS
from contracts.views import BlockView, LayoutView
from read_api.prices import prices_of
from read_api.view import View

MAX_SEATS_KEPT: Final = 100_000
"""Bound of the memory for this: some 130 bytes a seat, so 13 MB; twice the largest hall that lists its seats."""

_TAILS: Final[Mapping[str, bytes]] = {
    character: f'"{word}","user_id":null}}'.encode() for character, word in WORDS.items()
}


class _Block:
    """What is kept of one block."""

    def __init__(self, layout: LayoutView) -> None:
        self.price_minor = layout["price_minor"]
        self.currency = layout["currency"]
        self.category = layout.get("category")
        self.priced = layout.get("priced", [])
        self._heads = [
            b',{"seat_id":' + orjson.dumps(seat_id) + b',"status":'
            for row in layout["rows"]
            for seat_id in row["seat_ids"]
        ]
        self._listed = not layout.get("general_admission", False)
        self._made: tuple[str, bytes] = ("", b"")

    def __len__(self) -> int:
        return len(self._heads)

    def seats(self, status: str) -> bytes:
        """Return the block's seats, each with a comma before it; places without numbers are not listed."""
        if not self._listed:
            return b""
        if self._made[0] != status:
            pairs = zip(self._heads, map(_TAILS.__getitem__, status), strict=True)
            self._made = status, b"".join(chain.from_iterable(pairs))
        return self._made[1]


class SeatLists:
    """Makes seat lists, and keeps what makes the next ones cheap."""

    def __init__(self, view: View, max_seats: int = MAX_SEATS_KEPT) -> None:
        self._view = view
        self._max_seats = max_seats
        self._seats = 0
        self._blocks: OrderedDict[str, _Block] = OrderedDict()
        self._incarnation = ""

    @property
    def seats_kept(self) -> int:
        """How many seats' bytes are in memory."""
        return self._seats

    async def load(self, blocks: Sequence[BlockView], incarnation: str) -> "LoadedBlocks":
        """Return what makes the lists of these blocks; layouts of another ledger's ``incarnation`` are forgotten."""
        if incarnation != self._incarnation:
            self._blocks.clear()
            self._seats = 0
            self._incarnation = incarnation
        keys = [block["_id"] for block in blocks]
        loaded = {key: self._blocks[key] for key in keys if key in self._blocks}
        missing = [key for key in keys if key not in loaded]
        if missing:
            for layout in await self._view.layouts(missing):
                loaded[layout["_id"]] = _Block(layout)
        self._keep(loaded)
        return LoadedBlocks(blocks, loaded)

    def _keep(self, loaded: Mapping[str, _Block]) -> None:
        for key, block in loaded.items():
            if key not in self._blocks:
                self._seats += len(block)
            self._blocks[key] = block
            self._blocks.move_to_end(key)
        while self._seats > self._max_seats:
            _, oldest = self._blocks.popitem(last=False)
            self._seats -= len(oldest)


class LoadedBlocks:
    """Some blocks of one event, with all that is needed to write them down."""

    def __init__(self, blocks: Sequence[BlockView], loaded: Mapping[str, _Block]) -> None:
        self._blocks = blocks
        self._loaded = loaded

    def after(self, body: Mapping[str, object]) -> bytes:
        """Return the JSON object ``body`` (not empty) with the array of all seats as its last member, ``seats``."""
        lists = [self._loaded[block["_id"]].seats(block["status"]) for block in self._blocks]
        # No comma before the first.
        return b"".join([orjson.dumps(body)[:-1], b',"seats":[', b"".join(lists)[1:], b"]}"])

    def price(self) -> tuple[int | None, str | None]:
        """Return the first block's price in minor units and its currency."""
        first = self._loaded[self._blocks[0]["_id"]]
        return first.price_minor, first.currency

    def prices(self) -> list[dict[str, object]]:
        """Return what these blocks' seats cost: the usual price, whose seats are not named, and the others."""
        loaded = [self._loaded[block["_id"]] for block in self._blocks]
        return prices_of((one.category, one.price_minor, one.priced) for one in loaded)
