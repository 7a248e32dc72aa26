"""A fixed selection of the fault run, so that its tables, its checker and pairs of faults are part of every test run.

``make faults`` plays many more, with a proxy on every link and two of each service. Here are pairs that the other tests
of this room do not play.
"""

from collections.abc import Iterator

import pytest

from tests.faults.run.history import Result
from tests.faults.run.nemesis import Nemesis, Round
from tests.faults.run.site import Site
from tests.faults.run.table import named
from tests.faults.run.witness import watching
from tests.frontrow import Frontrow

SEED = 20_261_125
OFTEN = frozenset(
    {
        "book",
        "best",
        "offer",
        "book and wait",
        "book under a key",
        "pay",
        "cancel",
        "read booking",
        "read event",
        "open",
    }
)
"""What happens some hundred times in these rounds, whatever the dice say."""


@pytest.fixture(scope="module")
def nemesis(whole_platform: Frontrow) -> Iterator[Nemesis]:
    """One history over all rounds, as in a run."""
    site = Site(whole_platform)
    with watching(site) as witness:
        yield Nemesis(site, f"faults-{SEED}", witness)


@pytest.mark.parametrize(
    "faults",
    [
        ("kill -9 postgres", "messages come twice"),
        ("kill -9 kafka", "kill -9 write_api"),
        ("kill -9 gateway", "kill -9 sync_service"),
        ("kill -9 payments", "kill -9 webhooks"),
    ],
    ids=" + ".join,
)
def test_nothing_is_lost_nothing_sold_twice_and_life_comes_back(nemesis: Nemesis, faults: tuple[str, ...]) -> None:
    assert nemesis.play(Round(named(faults), SEED)) == []


def test_everybody_gets_to_know_what_became_of_a_request_and_an_organiser_of_a_booking(nemesis: Nemesis) -> None:
    assert nemesis.settle() == []


def test_what_clients_do_was_done_and_answered(nemesis: Nemesis) -> None:
    """A run in which one kind of operation never succeeds says nothing of it."""
    done = {operation.kind for operation in nemesis.history.operations if operation.result is Result.OK}
    assert done >= OFTEN, OFTEN - done
