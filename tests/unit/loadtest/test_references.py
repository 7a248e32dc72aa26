"""The references that a booking's accept is held against: what of them is the service's own."""

import base64

from contracts.id_keys import IdKeys
from loadtest.bench.plain import PATH, create_plain
from loadtest.bench.unlogged import Unlogged
from runtime.kafka import producer_config
from write_api.settings import WriteApiSettings

KEY = bytes(32)


async def test_without_a_log_a_message_is_acknowledged_at_once() -> None:
    unlogged = Unlogged(producer_config("127.0.0.1:1", "test"), "any", partitions=2)
    acknowledged = unlogged.send(1, b"key", b"value", [])
    assert acknowledged.done()
    assert acknowledged.result().partition == 1
    assert unlogged.appended() == [0, 0]


def test_a_plain_route_answers_as_the_service_does() -> None:
    keys = IdKeys.model_validate({"current": 1, "keys": {"1": base64.b64encode(KEY)}})
    settings = WriteApiSettings.model_construct(
        kafka_bootstrap="127.0.0.1:1",
        topic="any",
        partitions=1,
        booking_id_keys=keys,
        keyed_id_key=KEY,
        principal_key=KEY,
    )
    document = create_plain(settings).openapi()
    answer = document["paths"][PATH]["post"]["responses"]["202"]["content"]["application/json"]["schema"]
    assert answer["$ref"].endswith("/BookingAccepted")
