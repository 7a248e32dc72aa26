"""Crowd: what every group that sends one does: the trial's own count of seats, and that nothing is lost."""

from loadtest.bench import crowd
from loadtest.bench.closed_loop import Seats
from loadtest.bench.crowd import Crowd
from loadtest.growth.trial import SHOWN_WITHIN_S, Trial


def send(trial: Trial, seats: Seats, per_s: int, seconds: int) -> Crowd:
    """Send a crowd to seats that nobody asked for before, and wait until all of it is shown."""
    count = per_s * seconds
    sent = crowd.send(trial.where, seats, trial.take(seats, count), per_s, count)
    trial.broken.extend(sent.lost())
    trial.progress.wait_until_shown(SHOWN_WITHIN_S)
    return sent
