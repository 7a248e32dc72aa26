"""The lag of a partition, and from when on it takes no more bookings; a look every quarter of a second, by hand."""

from write_api.lag import BOUND_S, MOST_UNDECIDED, PACE_OVER_S, REMEMBERED, STANDSTILL_S, UNKNOWN_S, Lag

LOOK_S = 0.25


class Partition:
    """A log that grows and is decided by so many messages a second."""

    def __init__(self) -> None:
        self.lag = Lag()
        self.now = 1_000.0
        self.length = 0.0
        self.decided = 0.0
        self.asked = True
        self._look()

    def goes_on(self, seconds: float, *, comes: float, goes: float) -> None:
        for _ in range(round(seconds / LOOK_S)):
            self.now += LOOK_S
            self.length += comes * LOOK_S
            self.decided = min(self.decided + goes * LOOK_S, self.length)
            self._look()

    def _look(self) -> None:
        self.lag.look(self.now, int(self.length), int(self.decided) if self.asked else None)

    @property
    def refuses(self) -> bool:
        return self.lag.excess is not None


def test_what_is_decided_as_it_comes_is_taken_however_much_it_is() -> None:
    partition = Partition()
    partition.goes_on(60, comes=5_000, goes=5_000)
    assert (partition.refuses, partition.lag.wait_s) == (False, 0.0)


def test_what_comes_five_times_too_fast_is_refused_before_an_outcome_would_take_five_seconds() -> None:
    partition = Partition()
    partition.goes_on(20, comes=900, goes=1_000)
    longest = 0.0
    for _ in range(240):
        partition.goes_on(LOOK_S, comes=0 if partition.refuses else 5_000, goes=1_000)
        longest = max(longest, (partition.length - partition.decided) / 1_000)
    assert BOUND_S < longest < 5 - LOOK_S


def test_who_is_refused_is_told_when_what_waits_will_be_decided() -> None:
    partition = Partition()
    while not partition.refuses:
        partition.goes_on(LOOK_S, comes=5_000, goes=1_000)
    excess = partition.lag.excess
    assert excess is not None
    left_s = (partition.length - partition.decided) / 1_000
    assert left_s <= excess.retry_after_s <= left_s + 1
    partition.goes_on(excess.retry_after_s, comes=0, goes=1_000)
    assert (partition.refuses, partition.lag.wait_s) == (False, 0.0)


def test_bookings_are_taken_again_as_soon_as_what_waits_is_in_time() -> None:
    partition = Partition()
    partition.goes_on(20, comes=5_000, goes=1_000)
    partition.goes_on(PACE_OVER_S, comes=0, goes=(partition.length - partition.decided) / PACE_OVER_S * 0.95)
    assert not partition.refuses


def test_a_few_that_waited_long_are_no_reason_to_refuse_others() -> None:
    partition = Partition()
    partition.goes_on(10, comes=4, goes=0)
    partition.goes_on(LOOK_S, comes=4, goes=144)
    assert partition.length > partition.decided
    assert not partition.refuses, "they waited for ten seconds, and who comes now does not"


def test_while_nothing_is_decided_for_a_moment_the_log_keeps_what_comes() -> None:
    partition = Partition()
    partition.goes_on(5, comes=100, goes=100)
    partition.goes_on(STANDSTILL_S - LOOK_S, comes=100, goes=0)
    assert not partition.refuses


def test_while_nothing_is_decided_for_long_no_more_is_taken_and_nobody_pretends_to_know_until_when() -> None:
    partition = Partition()
    partition.goes_on(5, comes=100, goes=100)
    partition.goes_on(STANDSTILL_S + 2 * LOOK_S, comes=100, goes=0)
    assert partition.lag.excess is not None
    assert partition.lag.excess.retry_after_s == UNKNOWN_S
    partition.goes_on(LOOK_S, comes=0, goes=1e6)
    assert not partition.refuses


def test_an_idle_partition_stands_still_and_takes_what_comes() -> None:
    partition = Partition()
    partition.goes_on(2 * STANDSTILL_S, comes=0, goes=0)
    partition.goes_on(LOOK_S, comes=4, goes=0)
    assert not partition.refuses


def test_a_crowd_that_comes_while_nothing_is_decided_fills_the_partition() -> None:
    partition = Partition()
    partition.goes_on(MOST_UNDECIDED / 5_000 + 2 * LOOK_S, comes=5_000, goes=0)
    assert partition.refuses


def test_where_the_ledger_does_not_say_how_far_it_is_that_is_a_standstill() -> None:
    partition = Partition()
    partition.goes_on(5, comes=100, goes=100)
    partition.asked = False
    partition.goes_on(STANDSTILL_S - LOOK_S, comes=100, goes=100)
    assert not partition.refuses
    partition.goes_on(4 * LOOK_S, comes=100, goes=100)
    assert partition.refuses
    partition.asked = True
    partition.goes_on(LOOK_S, comes=100, goes=100)
    assert not partition.refuses


def test_a_log_that_was_made_anew_and_a_ledger_that_was_restored_are_looked_at_afresh() -> None:
    partition = Partition()
    partition.goes_on(5, comes=1_000, goes=1_000)
    partition.length = partition.decided = 3
    partition.goes_on(5, comes=100, goes=100)
    assert not partition.refuses
    partition.decided = 100
    partition.goes_on(10, comes=0, goes=1_000)
    assert not partition.refuses


def test_a_standstill_is_remembered_from_its_beginning() -> None:
    assert REMEMBERED * LOOK_S > STANDSTILL_S
