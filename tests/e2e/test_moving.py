"""A platform moves to another machine: what was decided, who people are and what was paid come along in one folder.

The other machine is a second instance of its own home and ports, whose log is empty and whose view is made anew.
"""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.native import postgres
from infra.native.home import Home
from infra.native.instance import STORES, Instance
from infra.native.moving import restore
from infra.native.services import inherited
from infra.secrets.files import NEEDED_ELSEWHERE
from tests import own_instance
from tests.frontrow import CHECKOUT, Document, Frontrow
from tests.people import Somebody, again, an_operator, somebody
from tests.receiver import listening

PRICE = 2_500
pytestmark = pytest.mark.timeout(300)
"""Two platforms on one machine, and the second is started twice."""

KEY = {"Idempotency-Key": "the same in both places"}


def command(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Do what ``start-services.sh`` does natively."""
    return subprocess.run(
        [sys.executable, "-m", "infra.native", *arguments],
        env=env,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def here() -> dict[str, str]:
    return dict(own_instance.environment())


@pytest.fixture(scope="module")
def there() -> Iterator[dict[str, str]]:
    """The other machine: nothing is on it yet."""
    ours = here()
    home = Path(ours["FRONTROW_HOME"])
    env = inherited() | {
        **{name: value for name, value in ours.items() if name.startswith("FRONTROW_")},
        "FRONTROW_HOME": str(home.with_name(f"{home.name}-moved")),
        "FRONTROW_PORT": str(int(ours["FRONTROW_PORT"]) + 50),
        "FRONTROW_BASE_PORT": str(int(ours["FRONTROW_BASE_PORT"]) + 400),
    }
    Instance.from_environment(env).reset()
    yield env
    Instance.from_environment(env).stop()


@pytest.fixture(scope="module")
def anna(frontrow: Frontrow) -> Somebody:
    return somebody(frontrow.client, "anna")


@pytest.fixture(scope="module")
def bookings(frontrow: Frontrow, anna: Somebody) -> dict[str, str]:
    """What is to come along: a held booking, a paid one, an account's own, one under a key; and a webhook."""
    event_id = frontrow.new_event(hold_seconds=600, price_minor=PRICE)
    held, paid = frontrow.accept(event_id, "A1"), frontrow.accept(event_id, "A2")
    frontrow.outcome(held)
    frontrow.outcome(paid)
    assert frontrow.command(frontrow.pay(paid))["status"] == "done"
    frontrow.becomes(paid, "confirmed")
    wish = {"eventId": event_id, "seatId": "A3"}
    own = frontrow.client.post("/api/book", json=wish, headers=anna.headers).json()["booking_id"]
    keyed = frontrow.client.post("/api/book", json={**wish, "seatId": "A4"}, headers={**anna.headers, **KEY}).json()
    for booking_id in (own, keyed["booking_id"]):
        frontrow.outcome(booking_id)
    return {"event": event_id, "held": held, "paid": paid, "own": own, "keyed": keyed["booking_id"]}


@pytest.fixture(scope="module")
def webhook(frontrow: Frontrow) -> Iterator[tuple[Somebody, str]]:
    with listening() as receiver:
        operator = an_operator(frontrow)
        made = frontrow.client.post("/api/webhooks", json={"url": receiver.url}, headers=operator.headers)
        assert made.status_code == httpx.codes.CREATED, made.text
        yield operator, made.json()["id"]
        frontrow.client.delete(made.headers["location"], headers=operator.headers)


@pytest.fixture(scope="module")
def backup(
    frontrow: Frontrow,
    bookings: dict[str, str],
    webhook: tuple[Somebody, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A backup of the platform at work."""
    assert frontrow.instance.is_running()
    del bookings, webhook
    folder = tmp_path_factory.mktemp("moving") / "backup"
    done = command(here(), "backup", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "keep it as you keep keys" in done.stdout
    return folder


@pytest.fixture(scope="module")
def cut_off(backup: Path, there: dict[str, str]) -> None:
    """A restore on the other machine that stopped before the ledger said that it is another one now."""
    with pytest.MonkeyPatch.context() as patch:

        def interrupted(_manifest: object) -> tuple[str, ...]:
            raise KeyboardInterrupt

        patch.setattr("infra.moving.folder.mark", interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore(Instance.from_environment(there), backup, lambda _line: None, dry_run=False)


@pytest.fixture(scope="module")
def moved(backup: Path, there: dict[str, str], cut_off: None) -> Iterator[Frontrow]:
    """The platform on the other machine, whose restore had to begin anew."""
    del cut_off
    done = command(there, "restore", str(backup))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Next: ./start-services.sh starts it, on a new log" in done.stdout
    instance = Instance.from_environment(there)
    instance.start()
    with httpx.Client(base_url=instance.gateway_url, timeout=10) as client:
        yield Frontrow(instance, client)


def test_a_backup_is_for_ones_own_eyes_and_has_the_keys_that_nothing_else_gives_back(backup: Path) -> None:
    for path in (backup, *backup.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert {str(path.relative_to(backup / "secrets")) for path in backup.glob("secrets/*/*")} == set(NEEDED_ELSEWHERE)
    refused = command(here(), "backup", str(backup))
    assert (refused.returncode, "is not empty" in refused.stderr) == (1, True), refused.stderr


def test_what_is_no_whole_backup_of_this_platform_is_refused_before_anything_changes(
    backup: Path, there: dict[str, str], tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged"
    subprocess.run(["cp", "-a", backup, damaged], check=True)
    with (damaged / "postgres.tar.gz").open("r+b") as archive:
        archive.seek(1_000)
        archive.write(b"\0" * 10)
    other = {**there, "FRONTROW_HOME": str(tmp_path / "home")}
    for folder, env, said in (
        (damaged, other, "is damaged"),
        (tmp_path / "none", other, "is no whole backup"),
        (backup, {**other, "FRONTROW_PARTITIONS": "4"}, "set FRONTROW_PARTITIONS=8"),
    ):
        refused = command(env, "restore", str(folder), "--dry-run")
        assert (refused.returncode, said in refused.stderr) == (1, True), refused.stderr
    looked = command(other, "restore", str(backup), "--dry-run")
    assert (looked.returncode, "Nothing was changed" in looked.stdout) == (0, True), looked.stdout + looked.stderr
    assert not (tmp_path / "home" / "data").exists()


@pytest.mark.usefixtures("cut_off")
def test_what_a_restore_left_that_stopped_on_its_way_is_not_started(there: dict[str, str]) -> None:
    for asked in ("start", "restore-check"):
        refused = command(there, asked)
        assert (refused.returncode, "did not come to its end" in refused.stderr) == (1, True), refused.stderr
    assert not Instance.from_environment(there).is_running()


def test_bookings_people_and_webhooks_are_there(
    moved: Frontrow, bookings: dict[str, str], anna: Somebody, webhook: tuple[Somebody, str]
) -> None:
    event_id = bookings["event"]
    for name, status in (("held", "held"), ("paid", "confirmed"), ("own", "held")):
        assert moved.outcome(bookings[name])["status"] == status
    assert [moved.seats(event_id)[seat] for seat in ("A1", "A2", "A3", "A5")] == ["held", "booked", "held", "available"]
    at_home = again(moved.client, anna.user_id)
    mine: Document = moved.client.get("/api/bookings", headers=at_home.headers).json()
    assert bookings["own"] in json.dumps(mine)
    old = moved.client.get("/api/bookings", headers=anna.headers)
    assert old.status_code == httpx.codes.OK, old.text
    operator, webhook_id = webhook
    listed = moved.client.get("/api/webhooks", headers=again(moved.client, operator.user_id).headers)
    assert webhook_id in listed.text


def test_a_request_that_was_made_before_is_the_same_booking_and_new_ones_are_decided(
    moved: Frontrow, bookings: dict[str, str], anna: Somebody
) -> None:
    wish = {"eventId": bookings["event"], "seatId": "A4"}
    same = moved.client.post("/api/book", json=wish, headers={**anna.headers, **KEY})
    assert same.json()["booking_id"] == bookings["keyed"]
    assert moved.outcome(moved.accept(bookings["event"], "A5"))["status"] == "held"
    taken = moved.outcome(moved.accept(bookings["event"], "A2"))
    assert (taken["status"], taken["reason"]) == ("rejected", "seat_taken")


def test_what_was_held_there_is_paid_here_and_the_money_agrees(moved: Frontrow, bookings: dict[str, str]) -> None:
    assert moved.command(moved.pay(bookings["held"]))["status"] == "done"
    moved.becomes(bookings["held"], "confirmed")
    cancelled = moved.client.delete(f"/api/bookings/{bookings['paid']}")
    assert moved.command(cancelled)["status"] == "done"
    moved.check_invariants()


def test_it_says_of_itself_that_its_former_log_is_gone(moved: Frontrow, backup: Path, there: dict[str, str]) -> None:
    undecided = json.loads((backup / "manifest.json").read_text())["undecided"]
    said = command(there, "restore-check")
    assert said.returncode == (1 if undecided else 0), said.stdout + said.stderr
    assert "a former log" in said.stdout
    assert moved.instance.is_running()


def test_nothing_is_restored_under_a_platform_that_runs(moved: Frontrow, backup: Path, there: dict[str, str]) -> None:
    refused = command(there, "restore", str(backup))
    assert (refused.returncode, "Frontrow is running" in refused.stderr) == (1, True)
    assert moved.instance.is_running()


@pytest.fixture(scope="module")
def since(moved: Frontrow, bookings: dict[str, str], there: dict[str, str], backup: Path) -> dict[str, str]:
    """What was decided after a second backup, ``backup.with_name("second")``, and how."""
    done = command(there, "backup", str(backup.with_name("second")))
    assert done.returncode == 0, done.stdout + done.stderr
    booking_ids = [moved.accept(bookings["event"], f"A{seat}") for seat in (6, 7, 7, 8)]
    return {booking_id: moved.outcome(booking_id)["status"] for booking_id in booking_ids}


def test_a_final_backup_has_all_that_was_accepted_and_leaves_nothing_running(
    moved: Frontrow, since: dict[str, str], there: dict[str, str], tmp_path: Path
) -> None:
    assert sorted(since.values()) == ["held", "held", "held", "rejected"]
    done = command(there, "backup", str(tmp_path / "final"), "--final")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything that had been accepted was decided, and is in it." in done.stdout
    assert json.loads((tmp_path / "final" / "manifest.json").read_text())["undecided"] == 0
    assert not moved.instance.is_running()
    refused = command(there, "restore", str(tmp_path / "final"))
    assert (refused.returncode, "There is a ledger in" in refused.stderr) == (1, True), refused.stderr


@pytest.mark.long  # audit/test_restore_check.py has the same of a smaller platform
def test_a_ledger_that_lost_its_tail_gets_it_back_from_the_log(
    moved: Frontrow, since: dict[str, str], there: dict[str, str], backup: Path, tmp_path: Path
) -> None:
    """The disk with PostgreSQL is gone, and the last backup is older than the last bookings."""
    moved.instance.stop()
    ledger = postgres.place_of(Home(moved.instance.home))
    subprocess.run(["mv", ledger, tmp_path], check=True)
    done = command(there, "restore", str(backup.with_name("second")))
    assert done.returncode == 0, done.stdout + done.stderr
    said = command(there, "restore-check")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "4 commands will be decided again, to the same outcomes as before: 4 book_seats" in said.stdout
    moved.instance.start((*STORES, "worker", "sync_service", "read_api", "gateway"))
    again = {booking_id: moved.outcome(booking_id)["status"] for booking_id in since}
    assert again == since
    moved.check_history()
