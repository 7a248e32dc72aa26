"""Halls for the customers: what the life cycle of a booking needs on sale, as plans for the seeding command. Pure.

``load`` announces them. One sells at once, the other holds until paid; both have prices, seats for those who need them
accessible, and places without numbers. Small, so that customers get into each other's way; they give back enough to go
on for long.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

HOLD_SECONDS: Final = 4
"""Shorter than anybody's patience, so that abandoned holds come back while somebody watches."""
STANDING: Final = "floor"
SEATED: Final = ("stalls", "balcony")
DEAREST_MINOR: Final = 6_500
STANDING_PLACES: Final = 60
_ROWS: Final = {"stalls": 6, "balcony": 4}
_SEATS_PER_ROW: Final = 20


@dataclass(frozen=True, slots=True)
class Halls:
    """The ids of both events."""

    at_once: str
    holding: str

    @classmethod
    def of_run(cls, number: int) -> "Halls":
        """Return the ids for a run; ``number`` tells runs apart."""
        return cls(f"life-{number}-at-once", f"life-{number}-holding")

    def plans(self) -> list[Mapping[str, Any]]:
        """Return both plans, as the seeding command reads them."""
        return [_plan(self.at_once, 0), _plan(self.holding, HOLD_SECONDS)]


def seat_ids(section: str) -> list[list[str]]:
    """Return the ids of a section's seats, row by row."""
    return [
        [f"{_prefix(section)}{chr(ord('A') + row)}{number}" for number in range(1, _SEATS_PER_ROW + 1)]
        for row in range(_ROWS[section])
    ]


def _plan(event_id: str, hold_seconds: int) -> Mapping[str, Any]:
    seated = {"seats_per_row": _SEATS_PER_ROW, "currency": "EUR"}
    return {
        "event_id": event_id,
        "name": f"Event {event_id}",
        "kind": "life",
        "venue": "Test Hall",
        "time_zone": "UTC",
        "date": "2027-12-31T20:00:00Z",
        "hold_seconds": hold_seconds,
        "sections": [
            {"section": "stalls", "prefix": "S-", "rows": _ROWS["stalls"], "price_minor": DEAREST_MINOR, **seated},
            {
                "section": "balcony",
                "prefix": "B-",
                "rows": _ROWS["balcony"],
                "price_minor": 2_900,
                **seated,
                "accessible_rows": ["A"],
            },
            {
                "section": STANDING,
                "prefix": "F-",
                "rows": 1,
                "seats_per_row": STANDING_PLACES,
                "price_minor": 4_000,
                "currency": "EUR",
                "general_admission": True,
            },
        ],
    }


def _prefix(section: str) -> str:
    return f"{section[0].upper()}-"
