"""The worker refuses what is not the caller's, and says as whom a booking was cancelled."""

from contracts.outcomes import Reason, Status
from tests.unit.worker.logs import NOW_MS, add, book, cancel, create, extend, publish
from worker.deciding import State

ANNA, BERT = "ac_anna", "ac_bert"


def sold(hold_seconds: int = 0) -> State:
    state = State()
    for command in (create(hold_seconds=hold_seconds), add(), publish(), book(10, "A1", "A2", principal=ANNA)):
        state.decide(command, 0, NOW_MS)
    return state


def test_an_accounts_booking_is_not_anybodys_that_holds_its_id() -> None:
    state = sold(hold_seconds=120)
    for number, principal in ((20, None), (21, BERT)):
        for command in (cancel(number, 10), extend(number + 10, 10)):
            refused = state.decide(command.model_copy(update={"principal": principal}), 0, NOW_MS)
            assert refused is not None
            assert (refused.status, refused.reason, refused.changes) == (Status.REFUSED, Reason.FORBIDDEN, ())
            assert refused.booking is not None, "so that the outcome names its event"
    assert state.halls["concert"].seats["A1"].booking_id is not None


def test_its_owner_gives_it_back_as_a_customer_and_an_operator_as_the_organiser() -> None:
    for update, reason in (
        ({"principal": ANNA}, Reason.BY_CUSTOMER),
        ({"principal": ANNA, "operator": True}, Reason.BY_CUSTOMER),
        ({"principal": BERT, "operator": True}, Reason.BY_ORGANISER),
    ):
        done = sold().decide(cancel(20, 10).model_copy(update=update), 0, NOW_MS)
        assert done is not None
        assert done.booking is not None
        assert (done.status, done.booking.reason) == (Status.DONE, reason)


def test_the_events_organiser_cancels_and_another_one_does_not() -> None:
    for organiser, expected in ((BERT, Status.DONE), ("ac_another", Status.REFUSED)):
        state = sold()
        state.halls["concert"].organiser = organiser
        decision = state.decide(cancel(20, 10).model_copy(update={"principal": BERT}), 0, NOW_MS)
        assert decision is not None
        assert decision.status is expected
