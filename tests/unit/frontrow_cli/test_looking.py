"""Looking: a seat map that is watched, at a terminal and in a pipe."""

import time
from collections.abc import Generator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from frontrow_cli import looking
from frontrow_cli.printing import Printer
from frontrow_cli.settings import Settings
from frontrow_cli.visit import Visit
from frontrow_client import Availability, Event, EventChange, EventSnapshot, Message, Section, StreamedSection

FACTS = {
    "event_id": "concert123",
    "date": "2027-05-01T19:00:00Z",
    "name": "An evening",
    "kind": "concert",
    "venue": "The hall",
    "time_zone": "Europe/Vienna",
    "seats_total": 3,
    "seats_available": 2,
    "version": 6,
}
SEATS = [{"seat_id": f"A{n}", "status": "booked" if n == 2 else "available"} for n in (1, 2, 3)]
PAGE = {"event_id": "concert123", "section": "main", "price_minor": None, "currency": None}
STREAMED = {"section": "main", "version": 3, "seats_total": 3, "seats_available": 2}


def message(name: str, seats: object, **facts: object) -> Message[Any]:
    kind = EventSnapshot if name == "snapshot" else EventChange
    event = {**FACTS, **facts} if name == "snapshot" else facts
    sections = [{**STREAMED, "version": 3 if name == "snapshot" else 4}]
    return Message(name, kind.model_validate({"event": event, "sections": sections, "seats": seats}))


class Frontrow:
    """Shows a hall of three seats and tells these messages; ``sold``: seats that a section shows as booked later."""

    def __init__(self, *tells: Message[Any], sold: str = "") -> None:
        self.read = 0
        self._tells = tells
        self._sold = sold

    def event(self, _event_id: str) -> Event:
        return Event.model_validate({**FACTS, "seats": None})

    def availability(self, _event_id: str) -> Availability:
        section = {**STREAMED, "status": "aba"}
        return Availability.model_validate({"event_id": "concert123", "version": 6, "sections": [section]})

    def section(self, _event_id: str, _section: str) -> Section:
        # The second read is of what the gateway kept.
        self.read += 1
        version = 3 if self.read <= 2 else 4
        now = [
            {**seat, "status": "booked"} if version > 3 and seat["seat_id"] == self._sold else seat for seat in SEATS
        ]
        counts = {"seats_total": 3, "seats_available": 2, "version": version}
        return Section.model_validate({**PAGE, **counts, "seats": now})

    def follow_event(self, _event_id: str) -> Generator[Message[Any], None, None]:
        yield from self._tells


def watched(folder: Path, frontrow: Frontrow, *, terminal: bool) -> str:
    """Return what is printed by ``frontrow seats concert123 --watch``."""
    printer = Printer(as_json=False)
    printer.out = Console(file=StringIO(), force_terminal=terminal, width=80, height=24, color_system=None)
    visit = Visit(Settings("http://x", folder), printer)
    visit.__dict__["client"] = frontrow
    looking.seats(visit, "concert123", watch=True)
    assert isinstance(printer.out.file, StringIO)
    return printer.out.file.getvalue()


@pytest.mark.parametrize("first", ["interrupted", "stale"])
def test_a_stream_that_begins_without_a_snapshot_shows_what_was_read(tmp_path: Path, first: str) -> None:
    shown = watched(tmp_path, Frontrow(Message(first)), terminal=True)
    assert "2 of 3 free" in shown
    assert "Not up to date" in shown
    assert "□ ■ □" in shown
    assert watched(tmp_path, Frontrow(Message(first)), terminal=False).count("of 3 free") == 1, "the heading"


def test_a_hall_too_big_to_list_is_drawn_as_its_section_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LOOK_AGAIN_S", 0.0)
    snapshot, change = message("snapshot", None), message("change", None, seats_available=1)
    assert "□ ■ □" in watched(tmp_path, Frontrow(snapshot), terminal=True)
    for terminal in (True, False):
        frontrow = Frontrow(Message("stale"), change, sold="A3")
        shown = watched(tmp_path, frontrow, terminal=terminal)
        assert "A3 is taken" in shown
        assert "1 of 3 free" in shown
        assert frontrow.read == 3


def test_a_section_that_stays_old_is_not_waited_for_after_the_last_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    visit = Visit(Settings("http://x", tmp_path), Printer(as_json=False))
    visit.__dict__["client"] = Frontrow()
    told = StreamedSection.model_validate({**STREAMED, "version": 9})
    assert looking._read_again(visit, "concert123", told)["A2"] == "booked"  # noqa: SLF001
    assert paused == [looking.LOOK_AGAIN_S] * (looking.LOOKS - 1)


def test_what_changes_is_drawn_and_told(tmp_path: Path) -> None:
    snapshot = message("snapshot", {"available": ["A1", "A3"], "booked": ["A2"]})
    change = message("change", {"booked": ["A1"]}, seats_available=1)
    shown = watched(tmp_path, Frontrow(snapshot, change), terminal=True)
    assert "Nothing has changed yet." in shown
    assert "■ ■ □" in shown
    told = watched(tmp_path, Frontrow(snapshot, change), terminal=False)
    assert told.endswith("2 of 3 free\nA1 is taken · 1 of 3 free\n")
