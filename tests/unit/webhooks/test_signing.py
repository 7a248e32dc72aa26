"""What the specification's own library makes of our headers, and what can be read of a kept secret."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from webhooks.signing import SECRET_BYTES, SealingKeys, UnreadableSecretError, headers, new_secret, shown

BODY = '{"type":"webhook.test","timestamp":"2027-01-02T03:04:05.678Z","data":{"name":"Müller"}}'
ONE = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="
TWO = "MjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjI="


def now() -> datetime:
    return datetime.now(UTC)


def keys(current: int, **known: str) -> SealingKeys:
    return SealingKeys.model_validate({"current": current, "keys": known})


def test_the_specifications_library_verifies_what_we_sign() -> None:
    secret = new_secret()
    assert Webhook(shown(secret)).verify(BODY, headers("msg_1", BODY, [secret], now()))["type"] == "webhook.test"


def test_while_a_secret_is_changed_both_the_new_and_the_former_verify_and_no_other() -> None:
    new, former, other = new_secret(), new_secret(), new_secret()
    made = headers("msg_1", BODY, [new, former], now())
    for secret in (new, former):
        Webhook(shown(secret)).verify(BODY, made)
    with pytest.raises(WebhookVerificationError):
        Webhook(shown(other)).verify(BODY, made)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_signed_as_well(changed: str) -> None:
    secret = new_secret()
    made = headers("msg_1", BODY, [secret], now())
    made[changed] = {"webhook-id": "msg_2", "webhook-timestamp": str(int(made["webhook-timestamp"]) + 1)}[changed]
    with pytest.raises(WebhookVerificationError):
        Webhook(shown(secret)).verify(BODY, made)


def test_a_time_that_is_not_in_utc_is_a_bug_and_not_a_wrong_signature() -> None:
    for wrong in (now().replace(tzinfo=None), now().astimezone(timezone(timedelta(hours=1)))):
        with pytest.raises(ValueError, match="UTC"):
            headers("msg_1", BODY, [new_secret()], wrong)


def test_a_secret_is_as_long_as_the_specification_wants_and_named_as_it_says() -> None:
    assert 24 <= SECRET_BYTES <= 64
    assert shown(new_secret()).startswith("whsec_")


def test_a_sealed_secret_opens_for_its_own_webhook_alone() -> None:
    secret = new_secret()
    sealing = keys(1, **{"1": ONE})
    sealed = sealing.seal(secret, "wh_a")
    assert sealing.open(sealed, "wh_a") == secret
    assert secret not in sealed
    assert sealed != sealing.seal(secret, "wh_a")
    with pytest.raises(UnreadableSecretError):
        sealing.open(sealed, "wh_b")
    with pytest.raises(UnreadableSecretError):
        keys(1, **{"1": TWO}).open(sealed, "wh_a")


def test_an_old_key_opens_what_it_sealed_and_the_current_one_seals() -> None:
    secret = new_secret()
    sealed = keys(1, **{"1": ONE}).seal(secret, "wh_a")
    both = keys(2, **{"1": ONE, "2": TWO})
    assert both.open(sealed, "wh_a") == secret
    assert keys(2, **{"2": TWO}).open(both.seal(secret, "wh_a"), "wh_a") == secret
    for nothing in (sealed, b"", b"\x02", b"\x02short"):
        with pytest.raises(UnreadableSecretError):
            keys(2, **{"2": TWO}).open(nothing, "wh_a")


def test_keys_are_in_no_repr() -> None:
    assert ONE not in repr(keys(1, **{"1": ONE}))
    assert "1111" not in repr(keys(1, **{"1": ONE}))
