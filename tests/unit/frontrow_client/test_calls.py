"""What each call sends, and what it makes of the answers."""

import pytest

from frontrow_client import (
    AwayError,
    Best,
    ForbiddenError,
    Tokens,
    UnauthenticatedError,
    UnexpectedError,
    UnreachableError,
)
from tests.unit.frontrow_client.telling import LATE, Told, answer, problem

CONFIRMED = {"booking_id": "bk_1", "status": "confirmed", "seat_ids": ["A1"], "version": 1}
PENDING = {"booking_id": "bk_1", "status": "pending"}
COMMAND = {"command_id": "cm_1", "status": "pending"}


def test_only_what_was_said_is_sent() -> None:
    client = Told(answer(200, CONFIRMED))
    client.book("concert123", seats=["A1", "A2"], offer=True)
    client.book("concert123", best=Best(count=3, max_price=9000), user_id="user-456")
    client.book("concert123", offer_id="of_1")
    assert [request.json for request in client.sent] == [
        {"event_id": "concert123", "user_id": "user-123", "seat_ids": ["A1", "A2"], "offer": True},
        {"event_id": "concert123", "user_id": "user-456", "best": {"count": 3, "max_price": 9000, "accessible": False}},
        {"event_id": "concert123", "user_id": "user-123", "offer_id": "of_1"},
    ]


def test_a_booking_is_waited_for_at_the_other_end_and_then_followed() -> None:
    client = Told(answer(202, PENDING), answer(200, PENDING), answer(200, CONFIRMED), takes_s=4)
    assert client.book("concert123", seats=["A1"], wait_s=20).status == "confirmed"
    assert [request.headers.get("Prefer") for request in client.sent] == ["wait=2", None, None]
    assert [request.params.get("wait") for request in client.sent] == [None, 16, 12]
    assert client.paused == []


def test_a_booking_that_is_not_decided_in_time_is_pending() -> None:
    client = Told(answer(202, PENDING), answer(200, PENDING), takes_s=4)
    assert client.book("concert123", seats=["A1"], wait_s=9).status == "pending"
    assert client.now_s <= 9 + 4


def test_who_does_not_wait_is_answered_at_once() -> None:
    client = Told(answer(202, PENDING))
    assert not client.book("concert123", seats=["A1"], wait_s=0).decided
    assert client.paths() == ["POST /api/book"]
    assert "Prefer" not in client.sent[0].headers


def test_a_command_is_followed_to_its_outcome() -> None:
    client = Told(answer(202, COMMAND), answer(200, COMMAND), answer(200, {**COMMAND, "status": "done"}))
    assert client.cancel("bk_1", seats=["A1", "A2"]).status == "done"
    assert client.paths() == ["DELETE /api/bookings/bk_1", "GET /api/commands/cm_1", "GET /api/commands/cm_1"]
    assert client.sent[0].params == {"seat_id": ["A1", "A2"]}
    pending = Told(answer(202, COMMAND)).extend("bk_1", wait_s=3)
    assert pending.status == "pending"


def test_an_id_is_one_segment_of_the_path_whatever_is_in_it() -> None:
    client = Told(answer(200, CONFIRMED))
    client.booking("../events?x=")
    assert client.paths() == ["GET /api/bookings/..%2Fevents%3Fx%3D"]


def test_a_read_names_the_highest_position_that_was_told() -> None:
    client = Told(
        answer(200, CONFIRMED, Frontrow_Position="745-12"),
        answer(200, CONFIRMED, Frontrow_Position="99-3"),
        answer(200, []),
    )
    client.book("concert123", seats=["A1"])
    client.booking("bk_1")
    client.events()
    assert [request.headers.get("Frontrow-Min-Position") for request in client.sent] == [None, "745-12", "745-12"]


def test_positions_are_compared_as_numbers() -> None:
    positions = ("9-5", "10-5", "10-12", "no position", "")
    client = Told(*(answer(200, CONFIRMED, Frontrow_Position=position) for position in positions), answer(200, []))
    for _ in positions:
        client.book("concert123", seats=["A1"])
    client.events()
    assert client.sent[-1].headers["Frontrow-Min-Position"] == "10-12"


def test_a_page_knows_where_the_next_one_begins() -> None:
    found = answer(200, [CONFIRMED])
    last = Told(found).bookings(limit=1)
    assert ([booking.booking_id for booking in last], last.cursor) == (["bk_1"], None)
    more = Told(type(found)(200, {}, found.content, "/api/bookings?limit=1&cursor=abc%3D"))
    assert more.bookings(limit=1, status="confirmed").cursor == "abc="
    assert more.sent[0].params == {"limit": 1, "status": "confirmed"}


def test_a_session_speaks_for_the_caller() -> None:
    client = Told(answer(201, {"access_token": "a1", "refresh_token": "r1"}), answer(200, CONFIRMED))
    client.log_in("user-123", "secret")
    client.book("concert123", seats=["A1"])
    assert client.sent[1].headers["Authorization"] == "Bearer a1"
    assert client.sent[1].json == {"event_id": "concert123", "seat_ids": ["A1"]}


def test_an_account_is_made_with_what_was_said() -> None:
    about = {"user_id": "user-123", "display_name": "Ada", "email": None, "role": "customer"}
    client = Told(answer(201, {**about, "created_at": "2027-01-02T03:04:05Z"}))
    assert client.register("user-123", "a long password", "Ada").role == "customer"
    client.register("user-123", "a long password", "Ada", email="ada@example.org")
    assert [(request.json or {}).get("email") for request in client.sent] == [None, "ada@example.org"]


def test_a_session_that_is_over_is_renewed_once_and_the_call_goes_on_under_its_key() -> None:
    over = problem(401, "unauthenticated")
    client = Told(over, answer(201, {"access_token": "a2", "refresh_token": "r2"}), answer(200, CONFIRMED))
    client.resume(Tokens("a1", "r1"))
    client.book("concert123", seats=["A1"])
    assert client.paths() == ["POST /api/book", "POST /api/sessions/refresh", "POST /api/book"]
    assert client.sent[1].json == {"refresh_token": "r1"}
    assert [request.headers.get("Authorization") for request in client.sent] == ["Bearer a1", None, "Bearer a2"]
    assert client.sent[0].headers["Idempotency-Key"] == client.sent[2].headers["Idempotency-Key"]
    assert client.alone == 1
    assert client.tokens == Tokens("a2", "r2")


def test_a_session_that_cannot_be_renewed_is_over() -> None:
    client = Told(problem(401, "unauthenticated"))
    client.resume(Tokens("a1", "r1"))
    with pytest.raises(UnauthenticatedError):
        client.me()
    assert client.tokens is None
    assert len(client.sent) == 2


def test_a_refresh_whose_answer_was_lost_is_not_sent_again() -> None:
    client = Told(problem(401, "unauthenticated"), LATE)
    client.resume(Tokens("a1", "r1"))
    with pytest.raises(UnreachableError, match="log in again"):
        client.me()
    assert client.tokens is None
    assert client.paths() == ["GET /api/accounts/me", "POST /api/sessions/refresh"]


def test_the_session_ends_with_its_logout() -> None:
    client = Told(answer(204))
    client.resume(Tokens("a1"))
    client.log_out()
    assert client.tokens is None
    assert client.paths() == ["DELETE /api/sessions/current"]


def test_tokens_do_not_show_in_a_log() -> None:
    assert "a1" not in repr(Tokens("a1", "r1"))


def test_no_health_is_an_answer_too() -> None:
    check = {"status": "failing", "since": "2027-01-02T03:04:05Z"}
    client = Told(answer(503, {"status": "failing", "checks": {"accepted": check}}))
    assert client.health().checks["accepted"].status == "failing"
    assert len(client.sent) == 1


def test_health_that_cannot_be_told_is_a_problem() -> None:
    with pytest.raises(AwayError):
        Told(problem(503, "overloaded")).health()
    with pytest.raises(UnreachableError):
        Told(LATE).health()


@pytest.mark.parametrize("body", [None, {"hello": "world"}, []])
def test_an_answer_that_is_no_booking_is_not_taken_for_one(body: object) -> None:
    with pytest.raises(UnexpectedError, match="200"):
        Told(answer(200, body)).booking("bk_1")
    with pytest.raises(UnexpectedError):
        Told(answer(201, body)).log_in("user-123", "secret")


def test_what_is_not_ones_own_is_told() -> None:
    with pytest.raises(ForbiddenError) as raised:
        Told(problem(403, "forbidden", detail="Not yours.", instance="req-1")).cancel("bk_1")
    assert (raised.value.status, raised.value.detail, raised.value.instance) == (403, "Not yours.", "req-1")
