"""Intents of the test provider go where a real one's would, and nowhere else."""

import pytest

from test_provider import intents
from test_provider.intents import CANCELED, PROCESSING, SUCCEEDED, Intent, UnexpectedStateError
from test_provider.tokens import AUTHORISED, DECLINED, SLOW_S, Behaviour, behaviour_of


def intent(status: str = AUTHORISED) -> Intent:
    return Intent("pi_1", 2_400, "eur", {"booking_id": "bk_1"}, status)


def test_an_intent_is_decided_at_once_or_later_as_its_token_says() -> None:
    made = [intents.made("pi_1", 1, "eur", {}, behaviour) for behaviour in (Behaviour(), Behaviour(after_s=1.0))]

    assert [one.status for one in made] == [AUTHORISED, PROCESSING]
    assert intents.decided(made[1], Behaviour(DECLINED)).status == DECLINED
    assert intents.decided(intent(CANCELED), Behaviour()).status == CANCELED, "what was canceled stays so"


def test_all_of_it_is_captured_once_and_given_back_in_parts() -> None:
    taken = intents.captured(intent())
    part = intents.refunded(taken, 900)

    assert (taken.status, taken.amount_received) == (SUCCEEDED, 2_400)
    assert intents.refunded(part, 1_500).amount_refunded == 2_400
    for too_much in (1_501, 0, -1):
        with pytest.raises(UnexpectedStateError):
            intents.refunded(part, too_much)
    with pytest.raises(UnexpectedStateError):
        intents.captured(taken)


@pytest.mark.parametrize("status", [PROCESSING, DECLINED, CANCELED, SUCCEEDED])
def test_only_what_is_authorised_can_be_captured(status: str) -> None:
    with pytest.raises(UnexpectedStateError):
        intents.captured(intent(status))


@pytest.mark.parametrize("status", [CANCELED, SUCCEEDED])
def test_what_has_ended_cannot_be_canceled(status: str) -> None:
    with pytest.raises(UnexpectedStateError):
        intents.canceled(intent(status))


def test_an_intent_tells_of_itself_in_the_words_of_the_well_known_providers() -> None:
    assert intents.notice_of(intent()) == "payment_intent.amount_capturable_updated"
    assert intents.notice_of(intent(DECLINED)) == "payment_intent.payment_failed"
    assert intents.notice_of(intents.canceled(intent())) == "payment_intent.canceled"
    assert intents.notice_of(intents.captured(intent())) == "payment_intent.succeeded"
    assert intents.notice_of(intents.refunded(intents.captured(intent()), 1)) == "charge.refunded"
    assert intents.notice_of(intent(PROCESSING)) is None
    shown = intents.shown(intent())
    assert (shown["object"], shown["amount_capturable"], shown["last_payment_error"]) == ("payment_intent", 2_400, None)


def test_tokens_say_what_becomes_of_a_payment() -> None:
    assert behaviour_of("tok_success") == Behaviour()
    assert behaviour_of("tok_slow") == Behaviour(after_s=SLOW_S)
    assert behaviour_of("tok_late_65") == Behaviour(after_s=65.0)
    assert behaviour_of("tok_late_9999") is None
    assert behaviour_of("4242424242424242") is None
