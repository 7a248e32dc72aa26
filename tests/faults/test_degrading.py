"""Each dependency slow and away: every family of calls does what ARCHITECTURE.md says, and nobody hangs.

Slow is frozen, as a machine that swaps is; away is stopped. One fault, all calls at once; what is slow
goes away next, so that each is hurt and made whole once.
"""

import os
import signal
from itertools import groupby

import pytest

from infra.native.instance import SERVICES, STORES, Instance
from loadtest.bench.processes import tree
from tests.eventually import eventually
from tests.faults.degrading import FAMILIES, Calls, Row, Told, rows
from tests.frontrow import Frontrow
from tests.organisers import Organiser
from tests.stalls import Stalls, stretched

NOBODY_HANGS_S = 3.0
SLACK_S = 1.5
"""A busy machine's share, beside as long as the same calls take while nothing is hurt and it stands still."""
HEALTH_KNOWS_WITHIN_S = 15.0

BY_PROGRAMS = [list(pair) for _, pair in groupby(rows(), key=lambda row: row.programs)]


@pytest.fixture(scope="module")
def calls(whole_platform: Frontrow) -> Calls:
    return Calls(whole_platform, Organiser.of(whole_platform))


def test_the_table_has_everything_that_may_be_away_slow_first_and_no_promise_above_three_seconds() -> None:
    listed = [program for pair in BY_PROGRAMS for program in pair[0].programs]
    assert sorted(listed) == sorted({*STORES, *SERVICES})
    assert all([row.slow for row in pair] == [True, False] for pair in BY_PROGRAMS)
    assert max(row.within_s for row in rows()) <= NOBODY_HANGS_S


@pytest.mark.parametrize("pair", BY_PROGRAMS, ids=lambda pair: ", ".join(pair[0].programs))
def test_everybody_is_told_what_the_table_says_in_the_time_that_it_says(
    frontrow: Frontrow, calls: Calls, pair: list[Row]
) -> None:
    slow, away = pair
    instance = frontrow.instance
    calls.log_in()
    with Stalls() as stalls:
        unhurt = calls.ask()
    slowest_unhurt_s = max(one.seconds for told in unhurt.values() for one in told)
    slack_s = stretched(SLACK_S) + max(0.0, slowest_unhurt_s - stalls.seconds)
    for program in slow.programs:
        signalled(instance, program, signal.SIGSTOP)
    wrong = deviations(calls, slow, slack_s)
    for program in away.programs:
        signalled(instance, program, signal.SIGCONT)
        instance.stop_program(program)
    wrong += deviations(calls, away, slack_s)
    assert wrong == [], "\n".join(wrong)


def signalled(instance: Instance, program: str, number: signal.Signals) -> None:
    """Signal a program with all of its processes: half a server would be half as slow."""
    for pid in tree(instance.pid_of(program)):
        os.kill(pid, number)


def deviations(calls: Calls, row: Row, slack_s: float) -> list[str]:
    """Return in words what was not as the row says."""
    how = "slow" if row.slow else "away"
    with Stalls() as stalls:
        told = calls.ask()
    bound_s = row.within_s + slack_s + stalls.seconds
    wrong = [
        f"{how}: {one.call} was told {one.what} after {one.seconds:.1f} s, not within {bound_s:.1f}"
        for family in FAMILIES
        for one in told[family]
        if one.what not in row.allowed[family] or one.seconds > bound_s
    ]

    def health() -> Told:
        one = calls.health()
        assert one.what in row.allowed["health"], one
        return one

    with Stalls() as stalls:
        one = eventually(health, within_s=stretched(HEALTH_KNOWS_WITHIN_S))
    bound_s = row.within_s + slack_s + stalls.seconds
    late = [f"{how}: {one.call} took {one.seconds:.1f} s, not within {bound_s:.1f}"] if one.seconds > bound_s else []
    return wrong + late
