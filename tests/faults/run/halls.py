"""Halls: the events of a run. Cold ones, one a partition, for all of it; hot ones, that sell out, for each round.

``nemesis`` enters here. All are the witness's, so that an organiser is told of whatever becomes of them.
"""

from itertools import count
from typing import Final

from contracts.topics import partition_of
from tests.faults.run.client import Hall
from tests.faults.run.history import History
from tests.faults.run.site import Site
from tests.faults.run.witness import Witness

ROWS, SEATS = 3, 8
"""Of a hot hall: small enough to be sold out."""
COLD_ROWS, COLD_SEATS = 10, 20
HOLD_S: Final = 3
"""Every other hall holds for so long, so that ticks have something to end in every round."""
PRICED_HOLD_S: Final = 6
"""Time to begin a payment, in most cases."""
PRICE_MINOR: Final = 1_750
PRICED: Final = 3
"""Which of four partitions' cold halls cost something."""


class Halls:
    """Puts halls on sale, and tells the history of them."""

    def __init__(self, site: Site, run_id: str, witness: Witness, history: History) -> None:
        self._site = site
        self._run_id = run_id
        self._witness = witness
        self._history = history

    def cold(self) -> list[Hall]:
        """Put a hall on sale on each partition."""
        partitions = self._site.instance.settings.partitions
        wanted = set(range(partitions))
        halls: list[Hall] = []
        for number in count():
            if not wanted:
                break
            event_id = f"{self._run_id}-cold-{number}"
            partition = partition_of(event_id, partitions)
            if partition in wanted:
                wanted.remove(partition)
                price = PRICE_MINOR if partition % 4 == PRICED else 0
                hold_s = PRICED_HOLD_S if price else HOLD_S * (partition % 2)
                halls.append(self._hall(Hall(event_id, _seats(COLD_ROWS, COLD_SEATS), price_minor=price), hold_s))
        return halls

    def hot(self, number: int) -> list[Hall]:
        """Return round ``number``'s: one books at once, one holds, one costs something, one has a busy organiser."""
        seats = _seats(ROWS, SEATS)
        at_once, held, priced, organised = (f"{self._run_id}-hot-{number}-{n}" for n in range(4))
        return [
            self._hall(Hall(at_once, seats, hot=True), 0),
            self._hall(Hall(held, seats, hot=True), HOLD_S),
            self._hall(Hall(priced, seats, hot=True, price_minor=PRICE_MINOR), PRICED_HOLD_S),
            self._hall(Hall(organised, seats, hot=True, price_minor=PRICE_MINOR, organised=True), PRICED_HOLD_S),
        ]

    def _hall(self, hall: Hall, hold_s: int) -> Hall:
        rows = len({seat_id[0] for seat_id in hall.seats})
        self._site.frontrow.new_event(
            event_id=hall.event_id,
            rows=rows,
            seats_a_row=len(hall.seats) // rows,
            hold_seconds=hold_s,
            price_minor=hall.price_minor or None,
            organiser=self._witness.principal,
        )
        self._history.event_ids.add(hall.event_id)
        if hall.price_minor:
            self._history.prices[hall.event_id] = hall.price_minor
        return hall


def _seats(rows: int, seats: int) -> tuple[str, ...]:
    return tuple(f"{chr(ord('A') + row)}{n + 1}" for row in range(rows) for n in range(seats))
