"""What operators see: every process and store as it is, and messages that could not be decided, put right by a call."""

import pytest

from contracts.commands import BookSeats, encode
from tests.e2e.test_dead_letters import strays
from tests.eventually import eventually
from tests.frontrow import Document, Frontrow, problem
from tests.people import Somebody, an_operator
from tests.stalls import within

SERVICES = ["write_api", "worker", "read_api", "sync_service", "payments", "webhooks", "auditor"]


@pytest.fixture(scope="module")
def operator(frontrow: Frontrow) -> Somebody:
    return an_operator(frontrow)


def system(frontrow: Frontrow, operator: Somebody) -> Document:
    answer = frontrow.client.get("/api/system", headers=operator.headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_every_service_store_and_partition_is_shown_as_it_is(frontrow: Frontrow, operator: Somebody) -> None:
    event_id = frontrow.new_event()
    frontrow.outcome(frontrow.accept(event_id, "A1"))

    def shown() -> Document:
        found = system(frontrow, operator)
        by_name = {service["name"]: service for service in found["services"]}
        rates = {
            rate["name"]: rate["per_s"]
            for name in ("write_api", "worker", "sync_service")
            for rate in by_name[name]["rates"]
        }
        assert min(rates[name] or 0 for name in ("accepted", "decided", "shown")) > 0, rates
        batch = by_name["worker"]["latencies"][0]
        assert 0 < batch["p50_ms"] <= batch["p99_ms"], batch
        assert found["log"], found["stores"]
        assert all(partition["lag"] == 0 for partition in found["log"]), found["log"]
        return found

    found = eventually(shown, within_s=40)
    assert found["status"] == "ok"
    assert [(service["name"], service["status"]) for service in found["services"]] == [(n, "ok") for n in SERVICES]
    assert all(process["memory_bytes"] > 0 for service in found["services"] for process in service["processes"])
    assert [(store["name"], store["status"]) for store in found["stores"]] == [
        (name, "ok") for name in ("kafka", "postgres", "mongo", "redis")
    ], found["stores"]
    assert all(store["leader"] == store["replicas"][0]["name"] for store in found["stores"]), found["stores"]
    assert all(one["in_sync"] == one["replicas"] == 1 and one["leader"] for one in found["log"])
    assert found["projection"]["age_s"] < 30
    assert found["audit"].keys() == frontrow.client.get("/api/audit").json().keys()


def test_a_store_that_is_away_is_shown_so_in_time(frontrow: Frontrow, operator: Somebody, without_redis: None) -> None:  # noqa: ARG001
    def shown() -> None:
        with within(5):
            found = system(frontrow, operator)
        assert {store["name"]: store["status"] for store in found["stores"]}["redis"] == "unavailable"
        assert {store["name"]: store["status"] for store in found["stores"]}["kafka"] == "ok"

    eventually(shown)


def test_a_dead_letter_is_listed_and_put_on_the_log_again_once(frontrow: Frontrow, operator: Somebody) -> None:
    event_id = frontrow.new_event()
    command_id = f"bk_{'d' * 36}"
    seats = BookSeats(
        command_id=command_id, event_id=event_id, seat_ids=("A1",), principal="p_x", issued_at_ms=1, keyed=True
    )
    good, bad = strays(frontrow, event_id, encode(seats), b"no command", command_id=command_id)

    def listed() -> dict[str, Document]:
        answer = frontrow.client.get("/api/dead-letters", headers=operator.headers)
        found = {letter["letter_id"]: letter for letter in answer.json()}
        assert {good, bad} <= found.keys()
        return found

    letters = eventually(listed)
    assert (letters[good]["kind"], letters[good]["obstacle"]) == ("book_seats", None)
    assert (letters[bad]["kind"], letters[bad]["obstacle"]) == (None, "no_command")
    path = "/api/dead-letters/{}/replay"
    problem(frontrow.client.post(path.format(bad), headers=operator.headers), 409, "conflict")
    replayed = frontrow.client.post(path.format(good), headers=operator.headers)
    assert replayed.status_code == 202, replayed.text
    booking = eventually(lambda: _decided(frontrow, replayed.json()["status_url"]))
    assert (booking["status"], booking["seat_ids"]) == ("confirmed", ["A1"])
    problem(frontrow.client.post(path.format(good), headers=operator.headers), 409, "conflict")
    assert eventually(listed)[good]["replay"]["status"] == "confirmed"


def _decided(frontrow: Frontrow, url: str) -> Document:
    shown: Document = frontrow.client.get(url).json()
    assert shown["status"] != "pending"
    return shown
