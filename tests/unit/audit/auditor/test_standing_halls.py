"""Halls put away what does not fit into memory, and what comes back is what went."""

import sqlite3

from audit.auditor.standing_halls import SCHEMA, Halls
from worker.hall import ON_SALE
from worker.prices import Prices

BOUND = 100
PRICED = Prices(4_500, "EUR", {f"A{number}": number for number in range(BOUND - 5)})


def test_prices_of_single_seats_count_in_what_is_kept_in_memory() -> None:
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA)
    halls = Halls(database, BOUND)
    for event_id in ("first", "second"):
        hall = halls.take(event_id)
        hall.status = ON_SALE
        hall.prices[0] = PRICED
        halls.let_go()
    assert list(halls.in_memory) == ["second"]
    assert halls.take("first").prices == {0: PRICED}
