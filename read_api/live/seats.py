"""Seats: an event as its streams show it, and what changes in it. Pure.

A document is applied when its version is higher than the one that is shown, and only then: what a snapshot already has
is dropped, and nothing is ever shown backwards (test: ``test_what_the_snapshot_has_is_not_told_again``).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from contracts.seat_status import WORDS, available_in
from contracts.views import BlockView, EventView, LayoutView
from read_api.events import MAX_SEATS_LISTED
from read_api.summaries import summary

MAX_SEATS_NAMED: Final = MAX_SEATS_LISTED
"""Of an event with more, a stream tells the sections alone, as its page lists no seats."""

Json = dict[str, Any]


class _Block:
    __slots__ = ("seat_ids", "section", "status", "version")

    def __init__(self, block: BlockView, layout: LayoutView | None) -> None:
        self.section = block["section"]
        self.status = block["status"]
        self.version = block["version"]
        # Places without numbers are counted, not named.
        self.seat_ids = (
            [seat_id for row in layout["rows"] for seat_id in row["seat_ids"]]
            if layout is not None and not layout.get("general_admission", False)
            else []
        )


class Seats:
    """One event: its facts, and each block's status string. ``layouts`` is empty when its seats are not named."""

    def __init__(self, event: EventView, blocks: Sequence[BlockView], layouts: Mapping[str, LayoutView]) -> None:
        self._event: Json = dict(event)
        self._named = bool(layouts)
        self._blocks = {block["_id"]: _Block(block, layouts.get(block["_id"])) for block in blocks}
        self._told = self._summary()
        self._sections: set[str] = set()
        self._seats: dict[str, str] = {}

    @property
    def partition(self) -> int:
        """The log partition that the event lives on."""
        return int(self._event["partition"])

    @property
    def size(self) -> int:
        """How many seats are named, and blocks kept."""
        return len(self._blocks) + sum(len(block.seat_ids) for block in self._blocks.values())

    @property
    def version(self) -> int:
        """The sum of every version in it. Versions only grow, one document at a time and in one order for everybody,
        so that two moments of an event never have the same."""  # noqa: D205, D209 - two
        return int(self._event["version"]) + sum(block.version for block in self._blocks.values())

    def knows(self, block_key: str) -> bool:
        """Tell whether the block is one of the event's."""
        return block_key in self._blocks

    def block(self, key: str, fields: Mapping[str, Any]) -> None:
        """Let a block become what these fields say."""
        block = self._blocks[key]
        if fields.get("version", 0) <= block.version:
            return
        block.version = fields["version"]
        self._sections.add(block.section)
        status = fields.get("status", block.status)
        if status != block.status:
            self._seats |= {
                seat_id: now
                for seat_id, before, now in zip(block.seat_ids, block.status, status, strict=False)
                if before != now
            }
            block.status = status

    def event(self, fields: Mapping[str, Any]) -> None:
        """Let the event's facts become what these fields say."""
        if fields.get("version", 0) > self._event["version"]:
            self._event |= fields

    def snapshot(self) -> Json:
        """Return everything: the event, its sections and, where they are named, its seats by status."""
        seats: dict[str, list[str]] | None = {word: [] for word in WORDS.values()} if self._named else None
        if seats is not None:
            for block in self._blocks.values():
                for seat_id, status in zip(block.seat_ids, block.status, strict=False):
                    seats[WORDS[status]].append(seat_id)
        sections = dict.fromkeys(block.section for block in self._blocks.values())
        return {"event": self._summary(), "sections": self._told_sections(sections), "seats": seats}

    def change(self) -> Json | None:
        """Return what is different since the last call, in the snapshot's form; None when nothing is."""
        now = self._summary()
        facts = {name: value for name, value in now.items() if self._told[name] != value}
        if not facts and not self._sections:
            return None
        seats: dict[str, list[str]] = {}
        for seat_id, status in self._seats.items():
            seats.setdefault(WORDS[status], []).append(seat_id)
        told = {
            # The version is always there, so that a reader of the pages can tell which of both is newer.
            "event": facts | {"version": now["version"]},
            "sections": self._told_sections(self._sections),
            "seats": seats if self._named else None,
        }
        self._told = now
        self._sections = set()
        self._seats = {}
        return told

    def _summary(self) -> Json:
        return {
            **summary(cast("EventView", self._event)),
            "seats_available": sum(available_in(block.status) for block in self._blocks.values()),
        }

    def _told_sections(self, wanted: Any) -> list[Json]:  # noqa: ANN401 - a container of names
        sections: dict[str, Json] = {}
        for block in self._blocks.values():
            if block.section in wanted:
                one = sections.setdefault(
                    block.section, {"section": block.section, "version": 0, "seats_total": 0, "seats_available": 0}
                )
                one["version"] += block.version
                one["seats_total"] += len(block.status)
                one["seats_available"] += available_in(block.status)
        return list(sections.values())
