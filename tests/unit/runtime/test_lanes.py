"""A lane's promises, with the loop's time as an argument: what it refused it never hands over."""

import asyncio

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.lanes import (
    HOLD_AFTER_S,
    MAX_IN_FLIGHT,
    MAX_WAITING,
    Lane,
    NotHandedOverError,
    OutcomeUnknownError,
    Sending,
)

WAIT_S = 2.0
LOOP = asyncio.new_event_loop()
"""Only to make futures of: nothing ever runs on it."""


@pytest.fixture(scope="module", autouse=True)
def _closed() -> None:
    LOOP.close()


class Library:
    """Stands where the client's library takes messages; ``full`` makes it refuse."""

    def __init__(self) -> None:
        self.taken: list[Sending] = []
        self.full = False

    def take(self, sending: Sending) -> None:
        if self.full:
            msg = "full"
            raise NotHandedOverError(msg)
        self.taken.append(sending)


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def lane(library: Library) -> Lane:
    return Lane(library.take, wait_s=WAIT_S)


def sending(since: float) -> Sending:
    return Sending(3, b"key", b"value", [], asyncio.Future(loop=LOOP), since)


def added(lane: Lane, since: float) -> Sending:
    new = sending(since)
    lane.add(new)
    return new


def failure(of: Sending) -> type[BaseException] | None:
    told = of.future.exception() if of.future.done() else None
    return None if told is None else type(told)


def test_while_acknowledgements_flow_everything_is_handed_over(lane: Lane, library: Library) -> None:
    one = added(lane, 0)
    lane.settle(one, 7, 0.1)

    assert library.taken == [one]
    acknowledged = one.future.result()
    assert (acknowledged.partition, acknowledged.offset) == (3, 7)


def test_a_silent_lane_keeps_what_is_new_and_says_unknown_of_what_it_handed_over(lane: Lane, library: Library) -> None:
    early = added(lane, 0)
    lane.sweep(HOLD_AFTER_S + 0.1)
    late = added(lane, 1.0)
    lane.sweep(WAIT_S)
    assert failure(early) is OutcomeUnknownError
    assert failure(late) is None
    lane.sweep(1.0 + WAIT_S)

    assert failure(late) is NotHandedOverError
    assert library.taken == [early]


def test_an_acknowledgement_opens_the_lane_and_hands_over_what_it_kept_in_order(lane: Lane, library: Library) -> None:
    first = added(lane, 0)
    lane.sweep(1.0)
    kept = [added(lane, 1.0 + number / 10) for number in range(3)]
    lane.settle(first, 0, 1.5)

    assert library.taken == [first, *kept]
    assert not lane.held


def test_what_was_refused_is_not_handed_over_when_the_lane_opens(lane: Lane, library: Library) -> None:
    first = added(lane, 0)
    lane.sweep(1.0)
    refused = added(lane, 1.0)
    lane.sweep(1.0 + WAIT_S)
    lane.settle(first, 0, 3.1)
    added(lane, 3.2)

    assert failure(refused) is NotHandedOverError
    assert refused not in library.taken
    assert len(library.taken) == 2


def test_a_lane_held_for_longer_than_a_wait_refuses_at_once(lane: Lane) -> None:
    added(lane, 0)
    lane.sweep(1.0)

    assert failure(added(lane, 1.0 + WAIT_S - 0.1)) is None
    assert failure(added(lane, 1.0 + WAIT_S)) is NotHandedOverError


def test_a_failed_delivery_is_unknown_and_holds_the_lane_until_a_probe_is_answered(
    lane: Lane, library: Library
) -> None:
    failed = added(lane, 0)
    lane.settle(failed, None, 0.1)
    kept = added(lane, 0.2)
    assert failure(failed) is OutcomeUnknownError
    assert kept not in library.taken

    lane.reachable(0.3)
    assert kept in library.taken


def test_a_probe_does_not_open_a_lane_that_still_waits_for_an_acknowledgement(lane: Lane, library: Library) -> None:
    """A thawed broker answers the probe before the deliveries; another partition's leader may be away for longer."""
    first = added(lane, 0)
    lane.sweep(1.0)
    kept = added(lane, 1.1)
    lane.reachable(1.2)

    assert library.taken == [first]
    assert failure(kept) is None


def test_in_flight_and_waiting_are_bounded(lane: Lane, library: Library) -> None:
    for _ in range(MAX_IN_FLIGHT + MAX_WAITING):
        assert failure(added(lane, 0)) is None

    assert len(library.taken) == MAX_IN_FLIGHT
    assert failure(added(lane, 0)) is NotHandedOverError


def test_a_full_library_is_a_refusal_at_once(lane: Lane, library: Library) -> None:
    library.full = True

    assert failure(added(lane, 0)) is NotHandedOverError
    assert lane.unsettled == 0


def test_a_sender_that_went_away_is_not_handed_over_later(lane: Lane, library: Library) -> None:
    first = added(lane, 0)
    lane.sweep(1.0)
    gone = added(lane, 1.0)
    gone.future.cancel()
    lane.settle(first, 0, 1.1)

    assert gone not in library.taken


class EveryHistory(RuleBasedStateMachine):
    """Whatever happens in whatever order: each sender is told once, in time, and the truth."""

    def __init__(self) -> None:
        super().__init__()
        self.library = Library()
        self.lane = Lane(self.library.take, wait_s=WAIT_S)
        self.now = 0.0
        self.sent: list[Sending] = []
        self.acknowledged: set[Sending] = set()

    @rule()
    def add(self) -> None:
        self.sent.append(added(self.lane, self.now))

    @rule(seconds=st.floats(0.01, 1))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.lane.sweep(self.now)

    @precondition(lambda self: self.unsettled())
    @rule(data=st.data(), delivered=st.booleans())
    def settle(self, data: st.DataObject, *, delivered: bool) -> None:
        one = data.draw(st.sampled_from(self.unsettled()))
        if delivered:
            self.acknowledged.add(one)
        self.lane.settle(one, 0 if delivered else None, self.now)

    @rule()
    def probe(self) -> None:
        self.lane.reachable(self.now)

    @rule(full=st.booleans())
    def fill(self, *, full: bool) -> None:
        self.library.full = full

    @rule()
    def lose(self) -> None:
        self.lane.refuse_waiting("away")

    def unsettled(self) -> list[Sending]:
        return [one for one in self.library.taken if not one.settled]

    @invariant()
    def the_truth_is_told_once_and_in_time(self) -> None:
        assert len(set(self.library.taken)) == len(self.library.taken)
        for one in self.sent:
            handed_over = one in self.library.taken
            assert not (handed_over and failure(one) is NotHandedOverError)
            assert not (not handed_over and failure(one) is OutcomeUnknownError)
            if one.future.done() and one.future.exception() is None:
                assert one in self.acknowledged
            assert one.future.done() or self.now - one.since < WAIT_S
        assert self.lane.unsettled == len(self.unsettled())


TestEveryHistory = EveryHistory.TestCase
