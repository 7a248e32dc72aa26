"""Outcomes as the feed has them, made up for tests of what is told."""

from datetime import UTC, datetime
from typing import Any

from webhooks.rows import Outcome

AT = datetime(2027, 1, 2, 3, 4, 5, 678_000, UTC)


def outcome(number: int = 1, became: str = "b", seats: int = 1, **more: Any) -> Outcome:  # noqa: ANN401 - any column
    """Return the outcome of a request whose ``seats`` became something."""
    names = [f"A{n + 1}" for n in range(seats)]
    row = {
        "tx": "745",
        "id": number,
        "command_id": f"bk_{number}",
        "kind": "book_seats",
        "event_id": "concert",
        "principal": "p_anna",
        "status": "confirmed" if became == "b" else "held",
        "reason": None,
        "seat_ids": names,
        "changes": [(0, n, became, 1) for n in range(seats)],
        "decided_at": AT,
        "booking_id": None,
        "booking": None,
        "log_partition": 0,
        "log_offset": number,
        **more,
    }
    return Outcome(**row)


def step(  # noqa: PLR0913, PLR0917 - each is one fact about a row
    number: int, kind: str, booking: str, status: str, became: str, seats: int = 1, left: int = 0
) -> Outcome:
    """Return the outcome of a command about a booking, which is ``status`` from then on, with ``left`` seats."""
    state = {"status": status, "reason": "by_customer", "seat_ids": [f"B{n}" for n in range(left)]}
    about = {"booking_id": booking, "booking": state, "principal": None, "status": "done", "kind": kind}
    return outcome(number, became, seats, command_id=f"cm_{number}", **about)
