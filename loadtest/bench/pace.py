"""Pace: how long and how often ``make bench`` measures each thing; there are two, in earnest and to try it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """``rounds``: of each short measurement, in turns with its reference. Durations of one round, in whole seconds."""

    rounds: int
    durable_rounds: int
    direct_s: int
    durable_s: int
    accept_s: int
    """Some seconds at most: the worker stands still meanwhile."""
    read_s: int
    crowd_s: int
    """The open loop at a rate that is the same in every run."""
    full_crowd_s: int
    """The open loop near what the platform can do."""
    drain_rounds: int
    drained_commands: int
    seats_per_hall: int
    """Of the ten halls that are booked: more than all rounds ask for, or the rest would be refused."""
    large_hall_seats: int
    """Of the hall of which one section is read."""
    bookings_read: int
    """How many different bookings are read."""
    busy_s: int
    """Short: the naive system needs ten times as long to decide what its front accepts."""
    gentle_s: int
    """At best several polls of the naive system."""
    records: int
    """How many Kafka's own tool sends in a round."""
    replayed_bookings: int
    """How many bookings' own SQL is sent to PostgreSQL in a round."""


EARNEST: Final = Pace(
    rounds=3,
    durable_rounds=5,
    direct_s=4,
    durable_s=5,
    accept_s=3,
    read_s=2,
    crowd_s=60,
    full_crowd_s=30,
    drain_rounds=3,
    drained_commands=100_000,
    seats_per_hall=50_000,
    large_hall_seats=100_000,
    bookings_read=20_000,
    busy_s=3,
    gentle_s=15,
    records=300_000,
    replayed_bookings=40_000,
)
QUICK: Final = Pace(
    rounds=2,
    durable_rounds=2,
    direct_s=1,
    durable_s=1,
    accept_s=1,
    read_s=1,
    crowd_s=3,
    full_crowd_s=2,
    drain_rounds=1,
    drained_commands=10_000,
    seats_per_hall=8_000,
    large_hall_seats=4_000,
    bookings_read=1_000,
    busy_s=1,
    gentle_s=6,
    records=20_000,
    replayed_bookings=4_000,
)
"""What it gives are no figures: the machine is not warm yet when it is over."""
