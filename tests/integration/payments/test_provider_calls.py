"""What is asked of the provider may be asked again, whatever became of the first call; nothing is done twice."""

import signal

import pytest
from pydantic import SecretStr

from payments.provider import IntentStatus, Order, ProviderAwayError, ProviderRefusedError
from payments.rest_provider import RestProvider
from tests.eventually import eventually_async
from tests.integration.payments.conftest import Provider


def order(token: str = "tok_success", key: str = "bk_1", amount_minor: int = 2_400) -> Order:  # noqa: S107 - nobody's
    return Order(key, "bk_1", 1, amount_minor, "EUR", token)


async def test_one_key_is_one_intent_also_after_the_provider_was_killed(
    asks: RestProvider, test_provider: Provider
) -> None:
    first = await asks.authorise(order())
    test_provider.stop(signal.SIGKILL)
    with pytest.raises(ProviderAwayError):
        await asks.authorise(order())
    test_provider.start()
    again = await asks.authorise(order())
    other = await asks.authorise(order(key="bk_1-2"))
    assert first == again
    assert (first.status, first.captured_minor) == (IntentStatus.AUTHORISED, 0)
    assert other.intent_id != first.intent_id


async def test_what_was_captured_is_captured_once_and_cannot_be_voided(asks: RestProvider) -> None:
    intent = await asks.authorise(order())
    taken = [await asks.capture(intent.intent_id, "bk_1:capture") for _ in range(2)]
    assert {(answer.status, answer.captured_minor) for answer in taken} == {(IntentStatus.CAPTURED, 2_400)}
    assert await asks.void(intent.intent_id, "bk_1:void") == taken[0], "it says where it stands instead"


async def test_what_was_voided_is_never_captured(asks: RestProvider) -> None:
    intent = await asks.authorise(order())
    assert (await asks.void(intent.intent_id, "bk_1:void")).status is IntentStatus.VOIDED
    late = await asks.capture(intent.intent_id, "bk_1:capture")
    assert (late.status, late.captured_minor) == (IntentStatus.VOIDED, 0)


async def test_a_refund_under_one_key_is_given_once_and_never_more_than_was_taken(asks: RestProvider) -> None:
    intent = await asks.authorise(order())
    await asks.capture(intent.intent_id, "bk_1:capture")
    for _ in range(2):
        answer = await asks.refund(intent.intent_id, 900, "bk_1:refund:900")
        assert answer.refunded_minor == 900
    with pytest.raises(ProviderRefusedError):
        await asks.refund(intent.intent_id, 1_501, "bk_1:refund:2401")
    assert (await asks.refund(intent.intent_id, 1_500, "bk_1:refund:2400")).refunded_minor == 2_400


@pytest.mark.parametrize("token", ["tok_declined", "tok_nobody_knows", "x" * 200])
async def test_a_token_that_is_no_good_is_declined(asks: RestProvider, token: str) -> None:
    answers = [await asks.authorise(order(token)) for _ in range(2)]
    assert {answer.status for answer in answers} == {IntentStatus.DECLINED}


async def test_a_slow_bank_s_word_is_there_when_it_is_asked_for(asks: RestProvider) -> None:
    intent = await asks.authorise(order("tok_webhook_twice"))
    assert intent.status is IntentStatus.PROCESSING

    async def authorised() -> None:
        assert (await asks.ask(intent.intent_id)).status is IntentStatus.AUTHORISED

    await eventually_async(authorised)


async def test_a_wrong_key_of_ours_says_nothing_of_the_payment(test_provider: Provider) -> None:
    async with RestProvider(test_provider.url, SecretStr("another")) as asks:
        with pytest.raises(ProviderRefusedError):
            await asks.authorise(order())


async def test_an_intent_that_nobody_made_is_for_a_person(asks: RestProvider) -> None:
    with pytest.raises(ProviderRefusedError):
        await asks.ask("pi_nobody")
