"""Seats to try: what the scenarios know of free seats, so that most bookings ask for one that may still be free.

Pure: the dice are passed in, what is free is told by the caller. Nothing here is true of the platform; a seat that was
taken meanwhile is a refusal, as in life, and a sold-out hall is still asked for.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

MAX_TOGETHER: Final = 4


class Seats:
    """The seats of some events; ``learn`` is told what a seat map showed, ``pick`` chooses."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._free: dict[str, list[str]] = {}
        self._all: dict[str, list[str]] = {}

    @property
    def known(self) -> bool:
        """Whether there is any seat to ask for."""
        return any(self._all.values())

    @property
    def sold_out(self) -> bool:
        """Whether no seat is thought to be free."""
        return not any(self._free.values())

    def learn(self, event_id: str, every: Sequence[str], free: Sequence[str]) -> None:
        """Note an event's seats in map order, and which of them are free."""
        self._all[event_id] = list(every)
        # Shuffled once, so that picking is taking the last one.
        self._free[event_id] = self._dice.sample(list(free), len(free))

    def pick(self) -> tuple[str, list[str]]:
        """Return an event, the bigger the likelier, and one to four of its seats.

        Once everything is thought to be sold, any seat is asked for: the platform has to say no.

        Raises:
            LookupError: no event with a seat is known.
        """
        source = self._all if self.sold_out else self._free
        events = [event_id for event_id, seats in source.items() if seats]
        if not events:
            msg = "no event has a seat"
            raise LookupError(msg)
        [event_id] = self._dice.choices(events, [len(source[event_id]) for event_id in events])
        # Most people come alone or in pairs.
        count = min(self._dice.choice((1, 1, 1, 1, 2, 2, 3, MAX_TOGETHER)), len(source[event_id]))
        if self.sold_out:
            return event_id, self._dice.sample(source[event_id], count)
        return event_id, [source[event_id].pop() for _ in range(count)]

    def coveted(self, slot: int) -> tuple[str, str]:
        """Return the one seat that everybody wants in this slot of time.

        Raises:
            LookupError: no event with a seat is known.
        """
        events = sorted(event_id for event_id, seats in self._all.items() if seats)
        if not events:
            msg = "no event has a seat"
            raise LookupError(msg)
        # Not from the dice: everybody has to want the same. The stride spreads the seats over the hall.
        event_id = events[slot % len(events)]
        seats = self._all[event_id]
        return event_id, seats[slot * 7919 % len(seats)]
