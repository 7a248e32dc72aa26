"""``frontrow`` against the real gateway: what it prints, how it ends, and that nothing is lost when it dies."""

import asyncio
import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.asking import bookings_of
from tests.e2e.command_line import INTERRUPTED, CommandLine, golden
from tests.eventually import eventually, eventually_async
from tests.frontrow import Frontrow
from tests.integration.proxy import Proxy
from tests.organisers import ABOUT, Organiser, a_name
from tests.people import PASSWORD

DIES_WITHIN_S = 20


@pytest.fixture(scope="module")
def hall(frontrow: Frontrow) -> str:
    """Put an event on sale that no other test books at, and return its id."""
    price = {"price_minor": 4550, "currency": "EUR"}
    rows = [{"row": row, "count": 12} for row in "ABC"]
    sections = [{"section": "main", "rows": rows, **price}, {"section": "floor", "places": 50, **price}]
    event_id = a_name("hall")
    about = {"name": "The Gala", "place": event_id, "hold_seconds": 120, "sections": sections}
    return Organiser.of(frontrow).new_event(event_id=event_id, **about)


@pytest.fixture
def cli(
    frontrow: Frontrow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    def read() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return CommandLine(frontrow, tmp_path, monkeypatch, read)


def with_password(cli: CommandLine, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that reads a password; it must end well."""
    with cli.process(*arguments, "--password-stdin") as process:
        out, err = process.communicate(PASSWORD + "\n", timeout=DIES_WITHIN_S)
    assert process.returncode == 0, err
    return subprocess.CompletedProcess(arguments, 0, out, err)


def test_a_booking_from_the_map_to_its_end_looks_like_this(cli: CommandLine, hall: str) -> None:
    golden("events", cli("events", "gala", "--place", hall, "--day", "2027-05-01", "--limit", "1").out)
    cli.book(hall, "B3", "B4")

    def shown() -> None:
        out = cli("seats", hall).out
        assert out.count("▣") == 3  # two seats, and the legend
        assert "84 of 86 free" in out

    eventually(shown)
    golden("seats", cli("seats", hall).out)
    golden("seats-wide", cli("seats", hall, width=200).out)
    held = cli("hold", hall, "A1", "A2")
    golden("hold", held.out)
    booking_id = re.search(r"bk_\S+", held.out)
    assert booking_id
    golden("extend", cli("extend", booking_id[0]).out)
    golden("pay-declined", cli("pay", booking_id[0], "--token", "tok_declined", code=1).out)
    golden("pay", cli("pay", booking_id[0], "--token", "tok_success").out)
    golden("taken", cli("book", hall, "A2", "A3", "--offer", "--user", "user-456", code=1).out)
    golden("cancel", cli("cancel", booking_id[0], "--seat", "A2").out)
    golden("mine", cli("mine").out)
    golden("mine-wide", cli("mine", width=200).out)


def test_what_is_refused_says_why_and_what_to_do(cli: CommandLine, hall: str) -> None:
    told = "\n".join(
        f"$ frontrow {' '.join(arguments)}\n{printed.out}{printed.err}[{printed.code}]"
        for arguments, code in (
            (["book", hall, "Z9"], 3),
            (["book", "no-such-event", "A1"], 3),
            (["seats", "no-such-event"], 3),
            (["booking", "bk_no-such-booking"], 3),
            (["cancel", "bk_no-such-booking"], 3),
            (["book", hall, "--best", "10", "--max-price", "1"], 1),
            (["book", hall, "--best", "2", "--max-price", "dear"], 2),
            (["book", hall], 2),
            (["book"], 2),
            (["book", hall, "A 1"], 2),
            (["pay", "bk_1"], 2),
            (["pick", hall], 2),
            (["mine", "--status", "lost"], 2),
            (["sale", "close", hall], 4),
            (["load", hall, "--url", "http://frontrow.example.org"], 2),
        )
        for printed in [cli(*arguments, code=code)]
    )
    golden("refusals", told)


def test_json_is_what_the_api_said(frontrow: Frontrow, cli: CommandLine, hall: str) -> None:
    assert cli("events", "--limit", "3", "--json").said("EventSummary", many=True)
    assert cli("seats", hall, "--json").said("Event")["event_id"] == hall
    assert cli("seats", hall, "--section", "main", "--json").said("Section")["price_minor"] == 4550
    assert cli("status", "--json").said("Health")["status"] == "ok"
    cli("productions", "--json").said("Production", many=True)
    assert cli("productions", "the-long-night", "--json").said("ProductionWithEvents")["events"]
    best = cli.book(hall, "--best", "2", "--section", "main", "--max-price", "45.50")
    assert best["status"] == "held"
    accepted = cli("book", hall, "--best", "1", "--section", "floor", "--no-wait", "--json").said("BookingAccepted")
    frontrow.accepted.add(accepted["booking_id"])
    assert cli("booking", best["booking_id"], "--json").said("Booking")["seat_ids"] == best["seat_ids"]
    given_back = cli("cancel", best["booking_id"], "--json").said("CommandOutcome")
    frontrow.accepted.add(given_back["command_id"])
    assert {one["booking_id"] for one in cli("mine", "--json").said("Booking", many=True)} >= {best["booking_id"]}
    assert cli("seats", "no-such-event", "--json", code=3).said("ProblemDocument")["status"] == 404
    away = cli("status", "--url", "http://127.0.0.1:9", "--json", code=6).json()
    assert away["failure"] == "Unreachable"


def test_nothing_is_coloured_in_a_pipe(cli: CommandLine, hall: str) -> None:
    for arguments in (["seats", hall], ["events"], ["status"]):
        assert "\x1b" not in cli(*arguments).out


def test_a_session_lasts_over_commands_until_its_logout(cli: CommandLine, hall: str) -> None:
    user_id = a_name("cli")
    assert f"logged in as {user_id}" in with_password(cli, "register", user_id, "--name", "Ada").stdout
    booking = cli.book(hall, "--best", "1", "--section", "main")
    assert cli("whoami", "--json").said("Account")["user_id"] == user_id
    listed = cli("mine", "--status", "held", "--json").said("Booking", many=True)
    assert [one["booking_id"] for one in listed] == [booking["booking_id"]]
    [kept] = (cli.state / "frontrow" / "sessions").glob("*.json")
    # An access token that is over: the next command renews the session, and keeps what it got.
    tokens = json.loads(kept.read_text())
    kept.write_text(json.dumps({**tokens, "access_token": tokens["access_token"][:-4] + "AAAA"}))
    assert cli("whoami", "--json").said("Account")["user_id"] == user_id
    assert json.loads(kept.read_text())["refresh_token"] != tokens["refresh_token"]
    assert "Good-bye" in cli("logout").out
    assert not kept.exists()
    assert "guest" in cli("whoami").out
    assert "access_token" not in cli("whoami", "--json").out


def test_an_organiser_puts_an_event_on_sale_from_files(frontrow: Frontrow, cli: CommandLine, tmp_path: Path) -> None:
    organiser = Organiser.of(frontrow)
    with_password(cli, "login", organiser.somebody.user_id)
    event_id = a_name("cli-event")
    event, seats = tmp_path / "event.json", tmp_path / "seats.csv"
    event.write_text(json.dumps({**ABOUT, "event_id": event_id, "publish": False}))
    made = cli("event", "create", "-f", str(event), "--json").said("EventAccepted")
    frontrow.accepted.add(made["command_id"])
    header = "section,row,seat_id,price_minor,currency\n"
    seats.write_text(header + "stalls,A,A1,5000,EUR\nstalls,B,A1,5000,EUR\nstalls,B,B 2,x,EUR\n")
    golden("import-wrong", cli("import-seats", event_id, str(seats), code=2).err)
    seats.write_text(header + "stalls,A,A1,5000,EUR\nstalls,A,A2,5000,EUR\n")
    assert "2 seats" in cli("import-seats", event_id, str(seats), "--dry-run").out
    imported = cli("import-seats", event_id, str(seats), "--json").said("EventAccepted")
    frontrow.accepted.add(imported["command_id"])
    for change, reason in (("close", "sale_closed"), ("open", None)):
        outcome = cli("sale", change, event_id, "--json").said("CommandOutcome")
        assert outcome["status"] == "done"
        frontrow.accepted.add(outcome["command_id"])
        assert cli.book(event_id, "A1", code=0 if reason is None else 1)["reason"] == reason


def test_the_example_of_an_event_is_one(frontrow: Frontrow, cli: CommandLine, tmp_path: Path) -> None:
    with_password(cli, "login", Organiser.of(frontrow).somebody.user_id)
    example = json.loads(cli("event", "create", "--example").out)
    file = tmp_path / "example.json"
    file.write_text(json.dumps({**example, "event_id": a_name("example")}))
    made = cli("event", "create", "-f", str(file), "--json").said("EventAccepted")
    frontrow.accepted.add(made["command_id"])
    assert made["seats"] == 340


async def test_a_command_that_was_killed_comes_back_to_its_booking(frontrow: Frontrow, cli: CommandLine) -> None:
    event_id = frontrow.new_event(seats_a_row=6)
    async with Proxy.before(frontrow.instance.gateway_url) as proxy:
        cli.variables["FRONTROW_URL"] = proxy.instead(frontrow.instance.gateway_url)
        proxy.loses_answers = True  # the request arrives, and the answer is lost

        async def accepted() -> None:
            assert len(bookings_of(frontrow, event_id)) == 1

        with cli.process("book", event_id, "--best", "2") as process:
            await eventually_async(accepted, within_s=DIES_WITHIN_S)
            process.kill()
        proxy.loses_answers = False
        with cli.process("book", "--resume", "--json") as process:
            out, err = await asyncio.to_thread(process.communicate)
    assert process.returncode == 0, err
    booking = json.loads(out)
    frontrow.accepted.add(booking["booking_id"])
    assert "this is that booking" in " ".join(err.split())
    assert [row[0] for row in bookings_of(frontrow, event_id)] == [booking["booking_id"]]
    assert booking["status"] == "confirmed"


async def test_ctrl_c_says_how_to_find_the_booking_and_the_same_command_does(
    frontrow: Frontrow, cli: CommandLine
) -> None:
    event_id = frontrow.new_event(seats_a_row=6)
    async with Proxy.before(frontrow.instance.gateway_url) as proxy:
        cli.variables["FRONTROW_URL"] = proxy.instead(frontrow.instance.gateway_url)
        proxy.freeze()
        with cli.process("book", event_id, "A1") as process:

            async def asked() -> None:
                assert list((cli.state / "frontrow" / "wishes").glob("*.json"))

            await eventually_async(asked, within_s=DIES_WITHIN_S)
            process.send_signal(signal.SIGINT)
            _, err = await asyncio.to_thread(process.communicate)
        assert process.returncode in INTERRUPTED
        assert "frontrow book --resume" in " ".join(err.split())
        proxy.thaw()
        with cli.process("book", event_id, "A1", "--wait", "--json") as process:
            out, err = await asyncio.to_thread(process.communicate)
    booking = json.loads(out)
    frontrow.accepted.add(booking["booking_id"])
    assert booking["status"] == "confirmed"
    assert "this is that booking" in " ".join(err.split())
    assert [row[0] for row in bookings_of(frontrow, event_id)] == [booking["booking_id"]]


def test_what_others_book_is_told_line_by_line(frontrow: Frontrow, cli: CommandLine) -> None:
    event_id = frontrow.new_event(seats_a_row=4)
    with cli.process("seats", event_id, "--watch") as process:
        assert process.stdout is not None
        *heading, began = (process.stdout.readline() for _ in range(4))
        frontrow.accept(event_id, "A2")
        told = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert "An evening" in heading[0]
    assert began == "4 of 4 free\n"
    assert told == "A2 is taken · 3 of 4 free\n"
    assert process.returncode in INTERRUPTED


def test_load_is_shown_and_given_back(frontrow: Frontrow, cli: CommandLine) -> None:
    event_id = frontrow.new_event(rows=5)
    figures = cli("load", event_id, "--people", "4", "--seconds", "1", "--json").json()
    assert figures["ends"]["confirmed"] == figures["booked"] > 0

    def free_again() -> None:
        assert set(frontrow.seats(event_id).values()) == {"available"}

    eventually(free_again)
    assert "p99" in cli("load", event_id, "--scenario", "look", "--people", "2", "--seconds", "1").out
    rush = cli("load", event_id, "--scenario", "rush", "--people", "4", "--seconds", "1", "--json").json()
    assert rush["ends"]["confirmed"] == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(cli: CommandLine, shell: str) -> None:
    script = cli("completion", shell).out
    assert "frontrow" in script
    assert "_FRONTROW_COMPLETE" in script


def test_events_and_commands_are_completed(cli: CommandLine, hall: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for words, begun, found in (("frontrow st", "st", "status"), (f"frontrow seats {hall[:8]}", hall[:8], hall)):
        monkeypatch.setenv("_FRONTROW_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        assert found in cli(code=0).out, begun
