"""Which groups a growth run measures, and what each promises before anything is started."""

import argparse
from collections.abc import Sequence

import pytest

from loadtest.bench.closed_loop import CLIENTS
from loadtest.chosen import chosen
from loadtest.growth import events, names, processes, seats, stored
from loadtest.growth.__main__ import KNOWN, arguments_of, groups
from loadtest.growth.trial import ROUNDS

FASTEST_PER_S = 4_500
"""More than any machine of two cores has shown."""


def test_groups_are_measured_in_their_order_however_they_are_named() -> None:
    assert chosen("streams,seats", KNOWN) == [names.SEATS, names.STREAMS]
    with pytest.raises(argparse.ArgumentTypeError, match="no halls"):
        chosen("halls,seats", KNOWN)


@pytest.mark.parametrize(
    ("given", "measured"),
    [
        ([], [name for name in KNOWN if name != names.SOAK]),
        (["--soak", "30"], list(KNOWN)),
        (["--only", "soak,events", "--soak", "1"], [names.EVENTS, names.SOAK]),
    ],
)
def test_the_soak_takes_so_long_that_it_is_asked_for(given: Sequence[str], measured: list[str]) -> None:
    assert arguments_of(given).only == measured


def test_a_soak_without_its_minutes_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        arguments_of(["--only", "soak"])
    assert refused.value.code == 2
    assert "--soak MINUTES" in capsys.readouterr().err


def test_every_group_that_is_known_can_be_measured() -> None:
    assert tuple(groups(arguments_of([]))) == KNOWN


def test_no_hall_sells_out_at_any_rate_that_this_machine_reaches() -> None:
    closed_loops = {
        "seats": (seats.ON_SALE - seats.CROWD_PER_S * seats.CROWD_S * ROUNDS, seats.SECONDS * ROUNDS),
        "events": (events.HALL.seats, events.SECONDS * ROUNDS * len(events.EVENTS)),
        "processes": (
            processes.BOOKED.seats * processes.BOOKED.halls,
            processes.SECONDS * (ROUNDS * len(processes.BOOKERS) * len(processes.COUNTS) + 1),
        ),
        "stored": (stored.BOOKED.seats * stored.BOOKED.halls, stored.SECONDS * ROUNDS * (len(stored.STORED) + 1)),
    }
    for group, (on_sale, seconds) in closed_loops.items():
        assert on_sale >= FASTEST_PER_S * seconds + CLIENTS * ROUNDS, group
