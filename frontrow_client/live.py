"""Live: what an event's messages add up to. Pure.

Whoever follows an event enters here with every message and reads what is shown now. Places without numbers are in
their section's counts alone.
"""

from dataclasses import dataclass, field

from frontrow_client.models import EventChange, EventSnapshot, Message, SeatsByStatus, StreamedSection


@dataclass(slots=True)
class LiveEvent:
    """An event as it was told so far. ``seats``: status by seat, in no order; empty in a hall too big to list."""

    seats: dict[str, str] = field(default_factory=dict)
    sections: dict[str, StreamedSection] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    fresh: bool = True
    """Whether the view moves and the line is there."""

    def hear(self, message: Message[EventSnapshot | EventChange]) -> dict[str, str]:
        """Take a message in; returns the seats that are not what they were, by what they are now."""
        if message.name in {"stale", "interrupted"}:
            self.fresh = False
            return {}
        self.fresh = True
        if message.data is None:
            return {}
        told = message.data
        told_seats = _by_seat(told.seats)
        changed = {seat: status for seat, status in told_seats.items() if self.seats.get(seat) != status}
        if isinstance(told, EventSnapshot):
            self.seats, self.facts, self.sections = told_seats, told.event.model_dump(), {}
        else:
            self.seats.update(told_seats)
            self.facts.update(told.event)
        self.sections.update({section.section: section for section in told.sections})
        return changed


def _by_seat(seats: SeatsByStatus | None) -> dict[str, str]:
    if seats is None:
        return {}
    return {seat: status for status, ids in seats.model_dump().items() for seat in ids}
