"""How long to wait, and what health and the lag say meanwhile."""

import time

from runtime.backoff import FIRST_S, LONGEST_S, Backoff
from sync_service.metrics import Lag
from sync_service.stores import Stores


def test_pauses_double_up_to_their_bound() -> None:
    backoff = Backoff()
    pauses = [backoff.next_s() for _ in range(10)]
    assert pauses[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert pauses[-1] == LONGEST_S


async def test_a_store_counts_as_there_only_once_it_answered() -> None:
    stores = Stores()
    assert not await stores.ledger_answers()
    assert not await stores.view_answers()
    stores.ledger_answered()
    stores.view_answered()
    assert await stores.ledger_answers()
    assert await stores.view_answers()


def test_the_lag_grows_with_the_oldest_decision_that_is_not_shown() -> None:
    lag = Lag()
    assert lag.seconds() == 0
    lag.pending_since((time.time_ns() // 1_000_000) - 5_000)
    assert 5 <= lag.seconds() < 60
    lag.pending_since(None)
    assert lag.seconds() == 0
