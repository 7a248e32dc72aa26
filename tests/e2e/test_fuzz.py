"""A few made-up requests of every call, always the same ones; ``make fuzz`` makes more, and others each time."""

from collections.abc import Iterator

import pytest

from tests.e2e.who_may import World
from tests.frontrow import Frontrow
from tests.fuzz.fuzzing import OPERATIONS, Fuzz
from tests.receiver import listening

EXAMPLES = 8
SEED = 20_261_125


@pytest.fixture(scope="module")
def fuzz(frontrow: Frontrow) -> Iterator[Fuzz]:
    with listening() as receiver:
        world = World.of(frontrow, receiver)
        fuzz = Fuzz(world)
        yield fuzz
        fuzz.close()
        world.forget_webhooks()


@pytest.mark.parametrize("call", OPERATIONS)
def test_whatever_is_sent_is_answered_as_the_document_says(fuzz: Fuzz, call: str) -> None:
    fuzz.play(call, EXAMPLES, SEED)


def test_the_fuzz_was_taken_and_refused_and_not_merely_misunderstood(fuzz: Fuzz) -> None:
    assert {200, 202, 401, 403, 404} <= fuzz.statuses.keys(), fuzz.statuses
