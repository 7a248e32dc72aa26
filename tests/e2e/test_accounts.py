"""People register, log in, stay logged in, are logged out, forget their password and leave for good."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.eventually import eventually
from tests.frontrow import Frontrow, problem
from tests.people import PASSWORD, Somebody, a_name, again, an_operator, log_in, register, somebody

ANOTHER = "another long password"


@pytest.fixture
def client(frontrow: Frontrow) -> Iterator[httpx.Client]:
    """A client without anybody's cookies."""
    with httpx.Client(base_url=frontrow.instance.gateway_url, timeout=10) as fresh:
        yield fresh


@pytest.fixture
def anna(client: httpx.Client) -> Somebody:
    return somebody(client, "anna", email="anna@example.org")


def until_too_often(ask: Callable[[], httpx.Response], *, most: int) -> list[httpx.Response]:
    """Ask until the answer is 429: after ``most``, or up to twice as many.

    A process counts alone while Redis is away, as it is for a moment on a busy machine (``write_api/throttle.py``).
    """
    answers = [ask() for _ in range(most + 1)]
    while answers[-1].status_code != httpx.codes.TOO_MANY_REQUESTS:
        assert len(answers) <= 2 * most
        answers.append(ask())
    return answers


def refresh(client: httpx.Client, token: str) -> httpx.Response:
    answer = client.post("/api/sessions/refresh", json={"refreshToken": token})
    client.cookies.clear()
    return answer


def test_who_registers_and_logs_in_sees_their_account(client: httpx.Client) -> None:
    name = a_name("anna")
    made = client.post("/api/accounts", json={"userId": name, "password": PASSWORD, "displayName": "Anna"})
    assert (made.status_code, made.headers["location"]) == (201, "/api/accounts/me")
    session = log_in(client, name)
    assert session.json()["expires_in"] == 900
    assert session.headers["cache-control"] == "no-store"
    mine = client.get("/api/accounts/me", headers=Somebody(name, session.json()).headers)
    assert mine.json() == made.json()
    assert {key: value for key, value in mine.json().items() if key != "created_at"} == {
        "user_id": name,
        "display_name": "Anna",
        "email": None,
        "role": "customer",
    }


def test_a_name_is_taken_once_in_whatever_case(client: httpx.Client) -> None:
    name = a_name("anna")
    assert register(client, name).status_code == 201
    problem(register(client, name), 409, "conflict")
    problem(register(client, name.upper()), 409, "conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user_id": "a b", "password": PASSWORD, "display_name": "A"}, "user_id"),
        ({"user_id": "anna", "password": "too short", "display_name": "A"}, "password"),
        ({"user_id": "anna", "password": PASSWORD, "display_name": ""}, "display_name"),
        ({"user_id": "anna", "password": PASSWORD, "display_name": "A\0"}, "display_name"),
        ({"user_id": "anna", "password": PASSWORD, "display_name": "A\nB"}, "display_name"),
        ({"user_id": "anna", "password": PASSWORD}, "displayName"),
        ({"user_id": "anna", "password": PASSWORD, "display_name": "A", "email": "x"}, "email"),
        ({"user_id": "anna", "password": PASSWORD, "display_name": "A", "role": "operator"}, "role"),
        ({"user_id": "long-enough-name", "password": "Long-Enough-Name", "display_name": "A"}, "password"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_registration_is_named_and_passwords_are_not_repeated(
    client: httpx.Client, body: dict[str, str], field: str
) -> None:
    answer = client.post("/api/accounts", json=body)
    assert field in {error["field"] for error in problem(answer, 422, "invalid-request")["errors"]}
    assert "too short" not in answer.text.replace("at least", "")


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client: httpx.Client, anna: Somebody) -> None:
    wrong, unknown = log_in(client, anna.user_id, "wrong password!"), log_in(client, a_name("nobody"))
    told = [problem(answer, 401, "unauthenticated") | {"instance": ""} for answer in (wrong, unknown)]
    assert told[0] == told[1]
    assert wrong.headers["www-authenticate"] == unknown.headers["www-authenticate"]


def test_guessing_is_slowed_down_and_the_owner_elsewhere_is_not_locked_out(
    client: httpx.Client, anna: Somebody
) -> None:
    answers = until_too_often(lambda: log_in(client, anna.user_id, "a wrong password"), most=10)
    assert {answer.status_code for answer in answers[:-1]} == {401}
    slow = problem(answers[-1], 429, "too-many-requests")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 300, slow
    problem(log_in(client, anna.user_id), 429, "too-many-requests")
    assert client.get("/api/accounts/me", headers=anna.headers).status_code == 200


def test_logging_in_rightly_counts_for_nothing(client: httpx.Client, anna: Somebody) -> None:
    assert {log_in(client, anna.user_id).status_code for _ in range(12)} == {201}


def test_a_refresh_token_is_used_once_and_a_copy_ends_the_session(client: httpx.Client, anna: Somebody) -> None:
    first = anna.tokens["refresh_token"]
    second = refresh(client, first).json()["refresh_token"]
    third = refresh(client, second).json()["refresh_token"]
    assert len({first, second, third}) == 3
    problem(refresh(client, first), 401, "unauthenticated")
    problem(refresh(client, third), 401, "unauthenticated")
    problem(client.get("/api/accounts/me", headers=anna.headers), 401, "unauthenticated")


def test_two_tabs_that_refresh_at_once_go_on(client: httpx.Client, anna: Somebody) -> None:
    first = anna.tokens["refresh_token"]
    one, other = refresh(client, first), refresh(client, first)
    assert (one.status_code, other.status_code) == (200, 200)
    assert one.json()["refresh_token"] == other.json()["refresh_token"]
    assert refresh(client, one.json()["refresh_token"]).status_code == 200


def test_a_refresh_token_that_was_never_ours_ends_nothing(client: httpx.Client, anna: Somebody) -> None:
    problem(refresh(client, "rt_" + "A" * 43), 401, "unauthenticated")
    problem(client.post("/api/sessions/refresh"), 401, "unauthenticated")
    assert refresh(client, anna.tokens["refresh_token"]).status_code == 200


def test_a_browser_stays_logged_in_by_cookies_that_no_script_sees(client: httpx.Client, anna: Somebody) -> None:
    answer = client.post("/api/sessions", json={"user_id": anna.user_id, "password": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"frontrow_access", "frontrow_refresh"}
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)
    assert client.get("/api/accounts/me").json()["user_id"] == anna.user_id
    assert client.post("/api/sessions/refresh").status_code == 200
    other_site = {"Sec-Fetch-Site": "cross-site"}
    problem(client.post("/api/sessions/refresh", headers=other_site), 403, "forbidden")
    problem(client.delete("/api/accounts/me", headers=other_site), 403, "forbidden")
    problem(client.delete("/api/sessions/current", headers={"Origin": "http://evil.example"}), 403, "forbidden")
    assert client.delete("/api/sessions/current", headers={"Origin": str(client.base_url)}).status_code == 204
    assert not client.cookies
    problem(client.get("/api/accounts/me"), 401, "unauthenticated")


def test_sessions_are_listed_and_ended_one_by_one(client: httpx.Client, anna: Somebody) -> None:
    phone = again(client, anna.user_id)
    listed = client.get("/api/sessions", headers=anna.headers).json()
    assert {one["session_id"]: one["current"] for one in listed} == {
        anna.tokens["session_id"]: True,
        phone.tokens["session_id"]: False,
    }
    assert all(one["user_agent"].startswith("python-httpx") for one in listed)
    stranger = somebody(client)
    path = f"/api/sessions/{phone.tokens['session_id']}"
    problem(client.delete(path, headers=stranger.headers), 404, "not-found")
    assert client.delete(path, headers=anna.headers).status_code == 204
    problem(client.get("/api/sessions", headers=phone.headers), 401, "unauthenticated")
    problem(refresh(client, phone.tokens["refresh_token"]), 401, "unauthenticated")
    assert len(client.get("/api/sessions", headers=anna.headers).json()) == 1


def test_a_forgotten_password_is_chosen_anew_by_a_mailed_link(
    frontrow: Frontrow, client: httpx.Client, anna: Somebody
) -> None:
    for name in (anna.user_id, a_name("nobody")):
        answer = client.post("/api/password-resets", json={"user_id": name})
        assert (answer.status_code, answer.content) == (202, b"")
    token = token_mailed_to(frontrow, anna)
    chosen = {"token": token, "password": ANOTHER}
    path = "/api/password-resets/confirmation"
    short = client.post(path, json=chosen | {"password": "short"})
    assert {error["field"] for error in problem(short, 422, "invalid-request")["errors"]} == {"password"}
    assert client.post(path, json=chosen).status_code == 204
    again_used = problem(client.post(path, json=chosen), 422, "invalid-request")
    assert again_used["errors"][0]["field"] == "token"
    problem(refresh(client, anna.tokens["refresh_token"]), 401, "unauthenticated")
    problem(log_in(client, anna.user_id), 401, "unauthenticated")
    assert log_in(client, anna.user_id, ANOTHER).status_code == 201


def test_one_mailbox_gets_three_letters_an_hour(client: httpx.Client, anna: Somebody) -> None:
    answers = until_too_often(lambda: client.post("/api/password-resets", json={"user_id": anna.user_id}), most=3)
    assert {answer.status_code for answer in answers[:-1]} == {202}


def test_who_is_erased_is_gone_and_the_name_comes_back_as_somebody_else(
    frontrow: Frontrow, client: httpx.Client, anna: Somebody
) -> None:
    assert client.delete("/api/accounts/me", headers=anna.headers).status_code == 204
    problem(client.get("/api/accounts/me", headers=anna.headers), 401, "unauthenticated")
    problem(log_in(client, anna.user_id), 401, "unauthenticated")
    with frontrow.ledger(owner=True) as connection:
        session = (anna.tokens["session_id"],)
        left = connection.execute("SELECT count(*) FROM refresh_tokens WHERE session_id = %s", session)
        assert left.fetchone() == (0,)
    assert register(client, anna.user_id).status_code == 201
    assert subject_of(again(client, anna.user_id)) != subject_of(anna)


def test_operators_say_who_organises_and_nobody_else_does(frontrow: Frontrow, client: httpx.Client) -> None:
    operator, bert = an_operator(frontrow), somebody(client, "bert")
    path = f"/api/accounts/{bert.user_id}/role"
    problem(client.put(path, json={"role": "operator"}, headers=bert.headers), 403, "forbidden")
    problem(client.put(path, json={"role": "operator"}), 401, "unauthenticated")
    problem(client.put(path, json={"role": "king"}, headers=operator.headers), 422, "invalid-request")
    nobody = client.put(f"/api/accounts/{a_name('nobody')}/role", json={"role": "customer"}, headers=operator.headers)
    problem(nobody, 404, "not-found")
    made = client.put(path, json={"role": "organiser"}, headers=operator.headers)
    assert (made.status_code, made.json()["role"]) == (200, "organiser")
    renewed = refresh(client, bert.tokens["refresh_token"]).json()
    assert client.get("/api/accounts/me", headers=Somebody("", renewed).headers).json()["role"] == "organiser"


def subject_of(who: Somebody) -> object:
    import jwt  # noqa: PLC0415 - here alone

    return jwt.decode(who.tokens["access_token"], options={"verify_signature": False})["sub"]


def token_mailed_to(frontrow: Frontrow, who: Somebody) -> str:
    """Return the token of the link in the one letter about this account."""

    def found() -> str:
        letters = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in (frontrow.instance.home / "mail").glob("*.eml")
        ]
        texts = [str(letter.get_content()) for letter in letters]
        mine = [text for text in texts if f'"{who.user_id}"' in text]
        assert len(mine) == 1, texts
        link = re.search(rf"^{frontrow.instance.gateway_url}/password-reset#([\w-]+)$", mine[0], re.MULTILINE)
        assert link, mine
        return link[1]

    return eventually(found)
