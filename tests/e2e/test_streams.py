"""Streams through the gateway: everybody who listens sees every change, in order, and ends with what the view shows."""

import random
from collections.abc import Sequence

import httpx

from contracts.ids import BOOKING_PREFIX
from loadtest.listeners import Listener, Listeners
from tests.eventually import eventually
from tests.frontrow import Frontrow
from tests.streams import agree_with_the_view, listen, seats_of

CROWD = 500
ROWS, SEATS_A_ROW = 10, 6


def test_everybody_sees_every_change_in_order_and_without_a_gap(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=ROWS, seats_a_row=SEATS_A_ROW)
    with listen(frontrow, f"/api/events/{event_id}/stream", CROWD) as crowd:
        eventually(lambda: _everybody_has_a_snapshot(crowd))
        for row in range(ROWS):
            ids = [frontrow.accept(event_id, f"{chr(ord('A') + row)}{n}") for n in range(1, SEATS_A_ROW + 1)]
            frontrow.outcome(ids[-1])
        agree_with_the_view(frontrow, event_id, crowd)
        longest = max((_ids(listener) for listener in crowd.all), key=len)
        assert len(longest) > ROWS // 2, "changes of a moment are gathered, so two rows may be told as one, not all"
        for listener in crowd.all:
            own = _ids(listener)
            assert len(listener.statuses) == 1, "nobody was let go"
            assert own == longest[len(longest) - len(own) :], "a part of what all were told, up to its end"
        # Each seat was told to be booked once, at its place in the row of messages.
        told = [seat_id for message in crowd.all[0].heard[1:] for seat_id in seats_of(message, "booked")]
        assert len(told) == len(set(told))


def test_under_a_mixed_load_whoever_comes_and_goes_ends_with_what_the_view_shows(frontrow: Frontrow) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown with a failure, so that it can be thrown again
    dice = random.Random(seed)
    held = frontrow.new_event(rows=4, seats_a_row=20, hold_seconds=120, standing=20)
    sold = frontrow.new_event(rows=4, seats_a_row=20)
    crowds: list[tuple[str, Listeners]] = []
    try:
        owned: list[str] = []
        for n in range(120):
            if n % 20 == 0:  # more of them at moments of the load
                for event_id in (held, sold):
                    crowd = listen(frontrow, f"/api/events/{event_id}/stream", 10, seed=seed + n)
                    crowds.append((event_id, crowd.__enter__()))
            event_id = dice.choice((held, sold))
            seat_id = f"{dice.choice('ABCD')}{dice.randint(1, 20)}"
            owned.append(frontrow.accept(event_id, seat_id))
            if dice.random() < 0.3:
                _give_back(frontrow, dice.choice(owned))
            if dice.random() < 0.1:
                dice.choice(crowds)[1].hang_up(0.5)
        for booking_id in owned:
            frontrow.outcome(booking_id)
        for event_id, crowd in crowds:
            agree_with_the_view(frontrow, event_id, crowd)
    finally:
        for _, crowd in crowds:
            crowd.__exit__(None, None, None)


def test_a_booking_is_followed_from_its_202_to_its_end(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=120)
    booking_id = frontrow.accept(event_id, "A1")
    assert booking_id.startswith(BOOKING_PREFIX)
    with listen(frontrow, f"/api/bookings/{booking_id}/stream", 3) as listeners:

        def last(status: str) -> None:
            for listener in listeners.all:
                assert listener.heard
                assert f'"status":"{status}"' in listener.heard[-1].data

        eventually(lambda: last("held"))
        _give_back(frontrow, booking_id)
        eventually(lambda: last("cancelled"))

        def sent_away() -> None:
            assert all(listener.done for listener in listeners.all), "204: do not come back"

        eventually(sent_away)


def _give_back(frontrow: Frontrow, booking_id: str) -> None:
    frontrow.outcome(booking_id)
    answer = frontrow.client.delete(f"/api/bookings/{booking_id}")
    if answer.status_code != httpx.codes.CONFLICT:  # what is known to be rejected is refused at once
        frontrow.accepted.add(answer.json()["command_id"])


def _everybody_has_a_snapshot(crowd: Listeners) -> None:
    assert all(listener.heard for listener in crowd.all), f"{sum(not one.heard for one in crowd.all)} have none"


def _ids(listener: Listener) -> Sequence[str]:
    return [message.mark for message in listener.heard if message.name in ("snapshot", "change")]
