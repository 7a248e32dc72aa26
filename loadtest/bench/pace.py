"""Pace: how long and how often ``make bench`` measures each thing; there are two, in earnest and to try it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """``rounds``: of each measurement that takes turns with its reference. Durations of one round, in whole seconds."""

    rounds: int
    direct_s: int
    durable_s: int
    read_s: int
    crowd_s: int
    """The open loop at a rate that is the same in every run."""
    full_crowd_s: int
    """The open loop near what the platform can do."""
    drain_rounds: int
    drained_commands: int
    seats_per_hall: int
    """Of the ten halls that are booked: more than all rounds ask for, or the rest would be refused."""


EARNEST: Final = Pace(
    rounds=5,
    direct_s=4,
    durable_s=5,
    read_s=2,
    crowd_s=60,
    full_crowd_s=30,
    drain_rounds=2,
    drained_commands=100_000,
    seats_per_hall=40_000,
)
QUICK: Final = Pace(
    rounds=2,
    direct_s=1,
    durable_s=1,
    read_s=1,
    crowd_s=3,
    full_crowd_s=2,
    drain_rounds=1,
    drained_commands=10_000,
    seats_per_hall=4_000,
)
"""What it gives are no figures: the machine is not warm yet when it is over."""
