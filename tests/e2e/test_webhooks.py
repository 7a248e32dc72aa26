"""Organisers are told at their own server: signed, at least once, whatever dies, and nobody else's business."""

import json
import re
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from tests.eventually import eventually
from tests.frontrow import CHECKOUT, Document, Frontrow, problem
from tests.organisers import Organiser
from tests.people import Somebody, an_operator, somebody
from tests.receiver import Receiver, listening

CONFIRMED, CANCELLED, SOLD_OUT = "booking.confirmed", "booking.cancelled", "event.sold_out"


@pytest.fixture(scope="module")
def organiser(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


@pytest.fixture(scope="module", autouse=True)
def witness(frontrow: Frontrow) -> Iterator[Receiver]:
    """An operator's webhook, told of everything while these tests run; the checker holds it against the ledger."""
    with listening() as one:
        operator = an_operator(frontrow)
        made = frontrow.client.post("/api/webhooks", json={"url": one.url}, headers=operator.headers)
        assert made.status_code == httpx.codes.CREATED, made.text
        yield one


@pytest.fixture(scope="module")
def event_id(organiser: Organiser) -> str:
    return organiser.new_event()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


@pytest.fixture
def webhook(organiser: Organiser, event_id: str, receiver: Receiver) -> Iterator[Document]:
    """A webhook of one event, with its secret; gone after the test."""
    made = organiser.post("/api/webhooks", {"url": receiver.url, "eventId": event_id})
    assert made.status_code == httpx.codes.CREATED, made.text
    yield dict(made.json())
    answer = organiser.frontrow.client.delete(made.headers["location"], headers=organiser.somebody.headers)
    assert answer.status_code == httpx.codes.NO_CONTENT, answer.text


def path_of(webhook: Document) -> str:
    return f"/api/webhooks/{webhook['id']}"


def delivery(organiser: Organiser, webhook: Document, delivery_id: str, **expected: object) -> Document:
    """Return a delivery once it is as expected."""

    def so() -> Document:
        listed = {one["id"]: one for one in organiser.get(f"{path_of(webhook)}/deliveries").json()}
        found: Document = listed[delivery_id]
        assert {name: found[name] for name in expected} == expected, found
        return found

    return eventually(so)


def test_a_booking_and_its_end_are_told_with_a_signature_that_the_library_verifies(
    frontrow: Frontrow, organiser: Organiser, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    booking_id = frontrow.accept(event_id, "A1", "A2")
    outcome = frontrow.outcome(booking_id)
    (confirmed,) = receiver.wait_for(1)
    confirmed.verify(webhook["secret"])
    with pytest.raises(WebhookVerificationError):
        confirmed.verify("whsec_" + "MTEx" * 8)
    assert confirmed.said["type"] == CONFIRMED
    assert confirmed.said["timestamp"] == outcome["decided_at"]
    data = confirmed.said["data"]
    assert (data["booking_id"], data["event_id"], data["seat_ids"]) == (booking_id, event_id, ["A1", "A2"])
    assert (data["amount_minor"], data["currency"], data["position"]) == (10_000, "EUR", outcome["position"])
    assert "user-123" not in confirmed.body
    frontrow.command(frontrow.client.delete(f"/api/bookings/{booking_id}?seat_id=A2"))
    given_back = receiver.wait_for(2)[1]
    given_back.verify(webhook["secret"])
    data = given_back.said["data"]
    assert (given_back.said["type"], data["seat_ids"], data["remaining_seat_ids"]) == (CANCELLED, ["A2"], ["A1"])
    assert data["principal"] == confirmed.said["data"]["principal"] is not None
    told = delivery(organiser, webhook, confirmed.id, status="delivered", attempts=1, response_status=204)
    assert told["position"] == outcome["position"]


def test_a_receiver_that_does_what_the_readme_says_knows_what_is_ours(
    frontrow: Frontrow, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r'^\{"type": "booking.confirmed".*?\}\}$', readme, flags=re.MULTILINE | re.DOTALL)
    code = re.search(r"^```python\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    assert shown is not None
    assert code is not None
    frontrow.outcome(frontrow.accept(event_id, "A10"))
    (told,) = receiver.wait_for(1)
    example = json.loads(shown[0])
    assert list(told.said) == list(example)
    assert list(told.said["data"]) == list(example["data"])
    known: dict[str, Any] = {"secret": webhook["secret"], "body": told.body, "headers": told.headers}
    exec(code[1], known)  # noqa: S102 - the README's own lines
    assert known["payload"] == told.said
    known["body"] = told.body.replace("A10", "A11")
    with pytest.raises(WebhookVerificationError):
        exec(code[1], known)  # noqa: S102 - as above


def test_an_event_that_is_sold_out_says_so_each_time(
    frontrow: Frontrow, organiser: Organiser, receiver: Receiver
) -> None:
    event_id = organiser.new_event(sections=[{"section": "box", "rows": [{"row": "A", "count": 2}]}])
    made = organiser.post("/api/webhooks", {"url": receiver.url, "events": [SOLD_OUT], "event_id": event_id})
    assert made.json()["events"] == [SOLD_OUT]
    frontrow.outcome(frontrow.accept(event_id, "A1"))
    last = frontrow.accept(event_id, "A2")
    frontrow.outcome(last)
    (told,) = receiver.wait_for(1)
    assert told.said["type"] == SOLD_OUT
    assert told.said["data"] == {
        "event_id": event_id,
        "position": frontrow.booking(last)["position"],
        "seats_total": 2,
    }
    frontrow.command(frontrow.client.delete(f"/api/bookings/{last}"))
    frontrow.outcome(frontrow.accept(event_id, "A2"))
    again = receiver.wait_for(2)[1]
    assert again.id != told.id


def test_an_endpoint_that_was_down_is_told_again_under_the_same_id(
    frontrow: Frontrow, organiser: Organiser, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    receiver.status = 503
    frontrow.outcome(frontrow.accept(event_id, "A3"))
    (first,) = receiver.wait_for(1)
    waiting = delivery(organiser, webhook, first.id, status="pending", attempts=1, response_status=503)
    assert waiting["next_attempt_at"] > waiting["attempted_at"]
    assert organiser.get(path_of(webhook)).json()["failing_since"] is not None
    receiver.status = 200
    second = receiver.wait_for(2)[1]
    assert (second.id, second.body) == (first.id, first.body)
    second.verify(webhook["secret"])
    delivery(organiser, webhook, first.id, status="delivered", attempts=2)
    assert organiser.get(path_of(webhook)).json()["failing_since"] is None


def test_what_was_given_up_is_listed_and_replayed_alone_or_all_at_once(
    frontrow: Frontrow, organiser: Organiser, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    receiver.status = 500
    for seat_id in ("A4", "A5", "A6"):
        frontrow.outcome(frontrow.accept(event_id, seat_id))
    receiver.wait_for(1)
    dead = f"{path_of(webhook)}/deliveries?status=dead"

    def given_up() -> list[str]:
        # A day and a half goes by.
        with frontrow.ledger(owner=True) as ledger:
            ledger.execute(
                """UPDATE webhooks.deliveries SET attempts = 7, due_at = now()
                WHERE webhook_id = %s AND status = 'pending' AND attempts < 7""",
                (webhook["id"],),
            )
        listed = [one["id"] for one in organiser.get(dead).json()]
        assert len(listed) == 3
        return listed

    newest, middle, oldest = eventually(given_up)
    receiver.status = 200
    first_page = organiser.get(f"{dead}&limit=2")
    assert [one["id"] for one in first_page.json()] == [newest, middle]
    link = first_page.headers["link"]
    assert link.endswith('>; rel="next"')
    assert [one["id"] for one in organiser.get(link[1 : link.index(">")]).json()] == [oldest]
    replayed = organiser.post(f"{path_of(webhook)}/deliveries/{newest}/replay")
    assert (replayed.status_code, replayed.json()["status"]) == (202, "pending")
    delivery(organiser, webhook, newest, status="delivered")
    rest = organiser.post(f"{path_of(webhook)}/deliveries/replay")
    assert (rest.status_code, rest.json()) == (202, {"replayed": 2, "remaining": False})
    for delivery_id in (middle, oldest):
        delivery(organiser, webhook, delivery_id, status="delivered")
    problem(organiser.post(f"{path_of(webhook)}/deliveries/msg_none/replay"), 404, "not-found")


def test_a_process_killed_while_it_sends_loses_nothing(
    frontrow: Frontrow, organiser: Organiser, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    receiver.open.clear()
    frontrow.outcome(frontrow.accept(event_id, "B1"))
    (first,) = receiver.wait_for(1)
    frontrow.instance.kill("webhooks", signal.SIGKILL)
    while_it_is_away = frontrow.accept(event_id, "B2")
    frontrow.outcome(while_it_is_away)
    receiver.open.set()

    def both_are_told() -> None:
        told = {one.said["data"]["booking_id"]: one.id for one in receiver.received[1:]}
        assert first.said["data"]["booking_id"] in told
        assert while_it_is_away in told
        assert told[first.said["data"]["booking_id"]] == first.id

    eventually(both_are_told)
    delivery(organiser, webhook, first.id, status="delivered")


def test_bookings_go_on_without_webhooks_and_the_health_names_them(
    frontrow: Frontrow, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    frontrow.instance.stop_program("webhooks")

    def named() -> None:
        answer = frontrow.client.get("/health")
        assert answer.status_code == 200
        assert answer.json()["checks"]["told"]["status"] == "unavailable"

    eventually(named)
    lost = problem(frontrow.client.get(path_of(webhook)), 503, "overloaded")
    assert "webhooks" in lost["detail"]
    assert frontrow.outcome(frontrow.accept(event_id, "B3"))["status"] == "confirmed"
    frontrow.instance.start_program("webhooks")
    receiver.wait_for(1)


def test_a_new_secret_and_the_former_one_both_verify_for_a_day(
    frontrow: Frontrow, organiser: Organiser, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    changed = organiser.post(f"{path_of(webhook)}/secret")
    assert changed.status_code == 200
    assert changed.headers["cache-control"] == "no-store"
    secrets = [changed.json()["secret"], webhook["secret"]]
    assert len(set(secrets)) == 2
    frontrow.outcome(frontrow.accept(event_id, "B4"))
    (told,) = receiver.wait_for(1)
    for secret in secrets:
        told.verify(secret)
    with frontrow.ledger(owner=True) as ledger:  # a day later
        ledger.execute(
            "UPDATE webhooks.endpoints SET former_secret_until = now() WHERE webhook_id = %s", (webhook["id"],)
        )
    frontrow.outcome(frontrow.accept(event_id, "B5"))
    later = receiver.wait_for(2)[1]
    later.verify(secrets[0])
    with pytest.raises(WebhookVerificationError):
        later.verify(secrets[1])


def test_an_endpoint_that_is_gone_is_disabled_until_its_owner_activates_it(
    frontrow: Frontrow, organiser: Organiser, event_id: str, webhook: Document, receiver: Receiver
) -> None:
    receiver.status = 410
    frontrow.outcome(frontrow.accept(event_id, "B6"))

    def disabled() -> None:
        shown = organiser.get(path_of(webhook)).json()
        assert (shown["status"], shown["disabled_reason"]) == ("disabled", "gone")

    eventually(disabled)
    frontrow.outcome(frontrow.accept(event_id, "B7"))
    problem(organiser.post(f"{path_of(webhook)}/test"), 409, "conflict")
    assert len(receiver.received) == 1
    receiver.status = 200
    active = organiser.post(f"{path_of(webhook)}/activation")
    assert (active.status_code, active.json()["status"]) == (200, "active")
    receiver.wait_for(3)


def test_a_test_is_told_once_and_says_what_came_of_it(
    organiser: Organiser, webhook: Document, receiver: Receiver
) -> None:
    receiver.status = 400
    asked = organiser.post(f"{path_of(webhook)}/test")
    assert (asked.status_code, asked.json()["type"]) == (202, "webhook.test")
    (told,) = receiver.wait_for(1)
    told.verify(webhook["secret"])
    assert told.said["data"] == {"webhook_id": webhook["id"]}
    delivery(organiser, webhook, told.id, status="dead", attempts=1, response_status=400)


CALLS = [
    ("GET", ""),
    ("DELETE", ""),
    ("POST", "/secret"),
    ("POST", "/activation"),
    ("POST", "/test"),
    ("GET", "/deliveries"),
    ("POST", "/deliveries/replay"),
    ("POST", "/deliveries/msg_1/replay"),
]


@pytest.mark.parametrize(("method", "below"), CALLS)
def test_a_webhook_is_its_owners_alone(
    frontrow: Frontrow, webhook: Document, others: tuple[Somebody, Somebody], method: str, below: str
) -> None:
    customer, other_organiser = others
    path = path_of(webhook) + below
    problem(frontrow.client.request(method, path), 401, "unauthenticated")
    problem(frontrow.client.request(method, path, headers=customer.headers), 403, "forbidden")
    problem(frontrow.client.request(method, path, headers=other_organiser.headers), 404, "not-found")


@pytest.fixture(scope="module")
def others(frontrow: Frontrow) -> tuple[Somebody, Somebody]:
    return somebody(frontrow.client), Organiser.of(frontrow).somebody


def test_who_operates_is_told_of_everybodys_bookings(frontrow: Frontrow, event_id: str, witness: Receiver) -> None:
    booking_id = frontrow.accept(event_id, "B8")
    frontrow.outcome(booking_id)

    def told() -> None:
        assert booking_id in [one.said["data"].get("booking_id") for one in witness.received]

    eventually(told)


def test_lists_are_ones_own_and_an_operators_has_all_and_no_secret_is_ever_shown_again(
    frontrow: Frontrow, organiser: Organiser, webhook: Document, others: tuple[Somebody, Somebody]
) -> None:
    customer, other_organiser = others
    operator = an_operator(frontrow)
    assert webhook["id"] in [one["id"] for one in organiser.get("/api/webhooks").json()]
    assert frontrow.client.get("/api/webhooks", headers=other_organiser.headers).json() == []
    problem(frontrow.client.get("/api/webhooks", headers=customer.headers), 403, "forbidden")
    everybodys = frontrow.client.get("/api/webhooks?limit=200", headers=operator.headers)
    shown = {one["id"]: one for one in everybodys.json()}[webhook["id"]]
    assert shown == {name: value for name, value in webhook.items() if name != "secret"}
    assert webhook["secret"] not in everybodys.text
    assert frontrow.client.get(path_of(webhook), headers=operator.headers).json() == shown


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "ftp://127.0.0.1/"}, "url"),
        ({"url": "http://nobody.invalid/"}, "url"),
        ({"url": 5}, "url"),
        ({}, "url"),
        ({"url": "http://127.0.0.1:9/", "events": ["booking.made"]}, "events.0"),
        ({"url": "http://127.0.0.1:9/", "events": []}, "events"),
        ({"url": "http://127.0.0.1:9/", "event_id": "no-such-event"}, "event_id"),
        ({"url": "http://127.0.0.1:9/", "secret": "mine"}, "secret"),
    ],
)
def test_what_no_webhook_can_be_made_of_is_refused_by_its_field(
    organiser: Organiser, body: Document, field: str
) -> None:
    refused = problem(organiser.post("/api/webhooks", body), 422, "invalid-request")
    assert [error["field"] for error in refused["errors"]] == [field]


def test_another_organisers_event_and_what_is_no_json_are_refused(
    frontrow: Frontrow, event_id: str, organiser: Organiser, others: tuple[Somebody, Somebody]
) -> None:
    asked = {"url": "http://127.0.0.1:9/", "event_id": event_id}
    problem(frontrow.client.post("/api/webhooks", json=asked, headers=others[1].headers), 403, "forbidden")
    headers = {"Content-Type": "application/json"}
    twice = organiser.post("/api/webhooks", content='{"url": "a", "url": "b"}', headers=headers)
    problem(twice, 400, "malformed-json")
    problem(organiser.post("/api/webhooks", content="{}"), 415, "unsupported-media-type")
    answer = frontrow.client.put("/api/webhooks", headers=organiser.somebody.headers)
    assert problem(answer, 405, "method-not-allowed")
    problem(organiser.get("/api/webhooks/wh_1/nothing"), 404, "not-found")
