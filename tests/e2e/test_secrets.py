"""Secrets stay where they belong after all that people do with them: in no process list, no environment, no log.

What a start alone would give away is ``tests/integration/infra/test_native_start.py``'s to see. And what names
something cannot be counted up: nobody finds by trying what they were not told of.
"""

import base64
import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_accounts import token_mailed_to
from tests.frontrow import Frontrow
from tests.organisers import Organiser
from tests.people import PASSWORD, Somebody, a_name, log_in, register, somebody
from tests.receiver import listening

SHORTEST = 12
"""Characters; what is shorter is a key's number or a word, and would be found anywhere."""


def of_the_files(home: Path) -> dict[str, str]:
    """Return every secret that was made at the start, by its file; of a set of keys each one."""
    found: dict[str, str] = {}
    for path in (home / "secrets").glob("*/*"):
        if path.name.endswith(("_redis_acl", "_public_keys")):
            continue  # hashes, and what everybody may know
        name, text = f"{path.parent.name}/{path.name}", path.read_text()
        values = json.loads(text)["keys"].values() if text.startswith("{") else [text]
        found |= {f"{name} {number}": value.removeprefix("whsec_") for number, value in enumerate(values)}
    assert len(found) > 20
    return found


@pytest.fixture(scope="module")
def anna(frontrow: Frontrow) -> Somebody:
    return somebody(frontrow.client, "anna", email=f"{a_name()}@example.org")


@pytest.fixture(scope="module")
def organiser(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


@pytest.fixture(scope="module")
def told(frontrow: Frontrow, anna: Somebody, organiser: Organiser) -> dict[str, str]:
    """Everything that people told us, or we told them, in confidence: all that they do with secrets was done."""
    client, wrong = frontrow.client, secrets.token_urlsafe(20)
    assert log_in(client, anna.user_id, wrong).status_code == httpx.codes.UNAUTHORIZED
    assert register(client, anna.user_id).status_code == httpx.codes.CONFLICT
    refreshed = client.post("/api/sessions/refresh", json={"refresh_token": anna.tokens["refresh_token"]})
    assert refreshed.status_code == httpx.codes.OK
    client.cookies.clear()
    by_cookie = {"Cookie": f"frontrow_access={refreshed.json()['access_token']}"}
    assert client.get("/api/accounts/me", headers=by_cookie).status_code == httpx.codes.OK
    assert client.post("/api/password-resets", json={"user_id": anna.user_id}).status_code == httpx.codes.ACCEPTED
    forged = f"Bearer {anna.tokens['access_token']}x"
    assert client.get("/api/accounts/me", headers={"Authorization": forged}).status_code == httpx.codes.UNAUTHORIZED
    event_id = frontrow.new_event(hold_seconds=60, price_minor=900)
    token = f"tok_{secrets.token_hex(12)}"
    booking_id = frontrow.accept(event_id, "A1")
    frontrow.outcome(booking_id)
    frontrow.command(frontrow.pay(booking_id, token))
    with listening() as receiver:
        made = organiser.post("/api/webhooks", {"url": receiver.url})
        organiser.post(f"/api/webhooks/{made.json()['id']}/test")
        receiver.wait_for(1)
        client.delete(f"/api/webhooks/{made.json()['id']}", headers=organiser.somebody.headers)
    return {
        "password": PASSWORD,
        "wrong password": wrong,
        "access token": refreshed.json()["access_token"],
        "first access token": anna.tokens["access_token"],
        "refresh token": anna.tokens["refresh_token"],
        "second refresh token": refreshed.json()["refresh_token"],
        "reset token": token_mailed_to(frontrow, anna),
        "payment token": token,
        "webhook secret": made.json()["secret"].removeprefix("whsec_"),
    }


def forms_of(secret: str) -> Iterator[bytes]:
    """Return a secret as it may be written: as it is, or as the bytes that it stands for."""
    yield secret.encode()
    try:
        raw = base64.b64decode(secret, validate=True)
    except ValueError:
        return
    if len(raw) >= SHORTEST:
        yield raw.hex().encode()


def found_in(text: bytes, every: dict[str, str]) -> list[str]:
    return [name for name, value in every.items() if any(form in text for form in forms_of(value))]


def test_no_secret_is_in_a_log(frontrow: Frontrow, told: dict[str, str]) -> None:
    every = of_the_files(frontrow.instance.home) | told
    assert all(len(value) >= SHORTEST for value in every.values())
    logs = [path for path in frontrow.instance.logs.iterdir() if path.is_file()]
    assert {"gateway-access.log", "write_api.log", "postgres.log", "payments.log"} <= {path.name for path in logs}
    assert {path.name: found for path in logs if (found := found_in(path.read_bytes(), every))} == {}


def test_no_secret_is_in_the_process_list_nor_in_an_environment(frontrow: Frontrow, told: dict[str, str]) -> None:
    every, seen = of_the_files(frontrow.instance.home) | told, 0
    ours = {process.pid for process in frontrow.instance.status().values()}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # What everybody on this machine may read, and of our own what only its user may.
            text = (process / "cmdline").read_bytes()
            if int(process.name) in ours:
                text += (process / "environ").read_bytes()
                seen += 1
        except OSError:
            continue  # it ended
        assert found_in(text, every) == [], process
    assert seen == len(ours)


def test_what_names_something_cannot_be_counted_up(frontrow: Frontrow, anna: Somebody, organiser: Organiser) -> None:
    event_id = frontrow.new_event()
    names = {
        r"bk_[A-Za-z0-9_-]{36}": [frontrow.accept(event_id, seat_id) for seat_id in ("A1", "A2")],
        r"[A-Za-z0-9_-]{22}": [log_in(frontrow.client, anna.user_id).json()["session_id"] for _ in range(2)],
        r"rt_[A-Za-z0-9_-]{43}": [log_in(frontrow.client, anna.user_id).json()["refresh_token"] for _ in range(2)],
    }
    with listening() as receiver:
        made = [organiser.post("/api/webhooks", {"url": receiver.url}).json() for _ in range(2)]
        names[r"wh_[A-Za-z0-9_-]{22,}"] = [one["id"] for one in made]
        tests = [organiser.post(f"/api/webhooks/{one['id']}/test").json()["id"] for one in made]
        names[r"msg_[A-Za-z0-9_-]{22,}"] = tests
        for one in made:
            frontrow.client.delete(f"/api/webhooks/{one['id']}", headers=organiser.somebody.headers)
    for form, (first, second) in names.items():
        assert re.fullmatch(form, first), first
        assert re.fullmatch(form, second), second
        # Dice at most places: what two made in a row have in common is a prefix, a time and a key's number.
        same = sum(one == other for one, other in zip(first, second, strict=True))
        assert same < len(first) / 2, (first, second)


def test_what_is_somebody_elses_looks_like_what_is_not_there(
    frontrow: Frontrow, anna: Somebody, organiser: Organiser
) -> None:
    stranger = Organiser.of(frontrow)
    with listening() as receiver:
        made = organiser.post("/api/webhooks", {"url": receiver.url}).json()
        for method, rest in (
            ("GET", ""),
            ("GET", "/deliveries"),
            ("POST", "/secret"),
            ("POST", "/test"),
            ("DELETE", ""),
        ):
            asked = [
                frontrow.client.request(method, f"/api/webhooks/{name}{rest}", headers=stranger.somebody.headers)
                for name in (made["id"], "wh_" + "A" * (len(made["id"]) - 3))
            ]
            assert _but_for_the_name(asked[0]) == _but_for_the_name(asked[1])
            assert asked[0].status_code == httpx.codes.NOT_FOUND
        frontrow.client.delete(f"/api/webhooks/{made['id']}", headers=organiser.somebody.headers)
    asked = [
        frontrow.client.delete(f"/api/sessions/{name}", headers=stranger.somebody.headers)
        for name in (anna.tokens["session_id"], "A" * 22)
    ]
    assert _but_for_the_name(asked[0]) == _but_for_the_name(asked[1])
    assert asked[0].status_code == httpx.codes.NOT_FOUND


def _but_for_the_name(answer: httpx.Response) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["title"], re.sub(r"wh_[A-Za-z0-9_-]+", "<name>", told["detail"])
