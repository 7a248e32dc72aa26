"""A fixed selection of the fault run, so that its tables, its checker and pairs of faults are part of every test run.

``make faults`` plays many more, with a proxy on every link and two of each service. Here are pairs that the other tests
of this room do not play.
"""

from collections.abc import Iterator

import pytest

from tests.faults.run.history import Result
from tests.faults.run.nemesis import Nemesis, Round
from tests.faults.run.operations import OPERATIONS
from tests.faults.run.site import Site
from tests.faults.run.table import named
from tests.faults.run.witness import watching
from tests.frontrow import Frontrow

SEED = 20_261_125


@pytest.fixture(scope="module")
def nemesis(whole_platform: Frontrow) -> Iterator[Nemesis]:
    """One history over all rounds, as in a run."""
    site = Site(whole_platform)
    with watching(site) as witness:
        nemesis = Nemesis(site, f"faults-{SEED}", witness)
        yield nemesis
    # The last test of this room waits for them, together with its own.
    whole_platform.unknown |= {
        operation.command_id
        for operation in nemesis.history.operations
        if operation.result is Result.UNKNOWN and operation.command_id.startswith("bk_") and not operation.key
    }


@pytest.mark.parametrize(
    "faults",
    [
        ("kill -9 postgres", "messages come twice"),
        ("kill -9 kafka", "kill -9 write_api"),
        ("freeze mongo", "kill -9 sync_service"),
        ("kill -9 gateway", "flush redis"),
    ],
    ids=" + ".join,
)
def test_nothing_is_lost_nothing_sold_twice_and_life_comes_back(nemesis: Nemesis, faults: tuple[str, ...]) -> None:
    assert nemesis.play(Round(named(faults), SEED)) == []


def test_every_operation_was_done_and_answered(nemesis: Nemesis) -> None:
    """A run in which one kind of operation never succeeds says nothing of it."""
    done = {operation.kind for operation in nemesis.history.operations if operation.result is Result.OK}
    assert len(done) == len(OPERATIONS), done
