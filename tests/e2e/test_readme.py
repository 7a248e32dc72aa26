"""The README is run: its calls, as they stand there, against the platform; its commands and files must exist."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import own_instance
from tests.eventually import eventually
from tests.frontrow import CHECKOUT, Frontrow

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PLACEHOLDER = "bk_…"


def calls(*, streams: bool = False) -> list[str]:
    """Return every curl command of the README's code blocks, lines that continue put together; ``-N`` is a stream."""
    blocks = re.findall(r"^```\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    joined = [block.replace("\\\n", " ") for block in blocks]
    found = [line.strip() for block in joined for line in block.splitlines() if line.startswith("curl ")]
    return [call for call in found if (" -N " in call) == streams]


def run(frontrow: Frontrow, call: str) -> str:
    """Run one call in a shell's words; only the port is this instance's own."""
    ours = call.replace("http://localhost:8080", frontrow.instance.gateway_url)
    done = subprocess.run(
        [*shlex.split(ours), "--silent", "--show-error"], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_calls_tell_the_story(frontrow: Frontrow) -> None:
    listing, seat_map, booking, following, _keyed = calls()
    events: list[dict[str, Any]] = json.loads(run(frontrow, listing))
    assert {"concert123", "sports_event456"} <= {event["event_id"] for event in events}
    seats = {seat["seat_id"]: seat["status"] for seat in json.loads(run(frontrow, seat_map))["seats"]}
    assert seats["A2"] == "available"

    head, body = run(frontrow, booking).replace("\r\n", "\n").split("\n\n", 1)
    assert head.startswith("HTTP/1.1 202 Accepted")
    told = json.loads(body)
    frontrow.remember(202, told)
    for line in ("Location: /api/bookings/bk_…", "Retry-After: 1"):
        assert line in README
        assert line.replace(PLACEHOLDER, told["booking_id"]).lower() in head.lower()
    # The README shows the answer: the same fields in the same order, the same words.
    shown = re.search(r'^\{"message".*?\}', README, flags=re.MULTILINE | re.DOTALL)
    assert shown is not None
    assert json.loads(shown[0].replace(PLACEHOLDER, told["booking_id"])) == told

    assert PLACEHOLDER in following
    follow = following.replace(PLACEHOLDER, told["booking_id"])

    def confirmed() -> None:
        assert json.loads(run(frontrow, follow))["status"] == "confirmed"

    eventually(confirmed)

    def booked() -> None:
        now = {seat["seat_id"]: seat["status"] for seat in json.loads(run(frontrow, seat_map))["seats"]}
        assert now["A2"] == "booked"

    eventually(booked)
    again = json.loads(run(frontrow, booking).replace("\r\n", "\n").split("\n\n", 1)[1])
    frontrow.remember(202, again)
    outcome = frontrow.outcome(again["booking_id"])
    assert (outcome["status"], outcome["reason"], outcome["conflicts"]) == ("rejected", "seat_taken", ["A2"])


def test_said_twice_under_a_key_it_is_one_booking_and_who_waits_is_told(frontrow: Frontrow) -> None:
    *_, keyed = calls()
    told = [run(frontrow, keyed).replace("\r\n", "\n").split("\n\n", 1) for _ in range(2)]
    assert all(head.startswith("HTTP/1.1 200 OK") for head, _ in told)
    first, second = (json.loads(body) for _, body in told)
    assert first == second
    assert first["status"] == "confirmed"
    frontrow.remember(202, first)
    frontrow.outcome(first["booking_id"])  # shown, so that no later test meets it on its way


def test_the_stream_tells_what_the_readme_shows(frontrow: Frontrow) -> None:
    (call,) = calls(streams=True)
    ours = call.replace("http://localhost:8080", frontrow.instance.gateway_url)
    command = [*shlex.split(ours), "--silent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout is not None
        told = [curl.stdout.readline()]
        frontrow.accept("concert123", "Y40")
        while len(told) < 9:
            told.append(curl.stdout.readline())
        curl.terminate()
    shown = README.partition("retry: ")[2].partition("```")[0].splitlines()
    for line, ours in zip(told[:4], ["retry: ", *shown[1:4]], strict=True):
        assert line.split(":")[0] == ours.split(":")[0]
    assert [line.strip() for line in told if line.startswith("event:")] == [
        line for line in shown if line.startswith("event:")
    ]
    snapshot, change = (json.loads(line.removeprefix("data: ")) for line in told if line.startswith("data:"))
    assert list(snapshot) == list(change) == ["event", "sections", "seats"]
    assert change["seats"] == {"booked": ["Y40"]}


REPAIRS = {
    "dead-letters": (0, ("letter", "There are no dead letters")),
    "dead-letters 1-3-42": (1, ("there is no such letter",)),
    "rebuild --dry-run": (0, ("Nothing was changed (--dry-run)",)),
    "backup /safe/frontrow": (0, ("keep it as you keep keys",)),
    "restore /safe/frontrow --dry-run": (1, ("Frontrow is running.",)),
    "restore-check": (0, ("Nothing is lost.",)),
}
"""Commands of the section Repair that do no harm here: their exit status, and one of the things that they say."""
NO_LETTER = "1-3-999999999"
"""Instead of README's: other tests' letters may be anywhere near."""
ELSEWHERE = {
    "dead-letters 1-3-42 --apply": "test_dead_letters.py",
    "rebuild": "../faults/test_rebuild.py",
    "rebuild --accept-differences": "../faults/test_rebuild.py",
    "backup /safe/frontrow --final": "test_moving.py",
    "restore /safe/frontrow": "test_moving.py",
}
"""The others, and where they are run."""


def test_the_commands_of_the_section_repair_are_run(frontrow: Frontrow, tmp_path: Path) -> None:
    section = README.partition("\n## Repair\n")[2].partition("\n## ")[0]
    said = [line.partition("#")[0].split(maxsplit=1)[1].strip() for line in section.splitlines() if " #" in line]
    assert set(said) == REPAIRS.keys() | ELSEWHERE.keys()
    assert all((Path(__file__).parent / file).exists() for file in ELSEWHERE.values())
    for words, (status, sayings) in REPAIRS.items():
        ours = words.replace("/safe/frontrow", str(tmp_path / "frontrow")).replace("1-3-42", NO_LETTER).split()
        done = subprocess.run(
            [sys.executable, "-m", "infra.native", *ours],
            env=own_instance.environment(),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        told = done.stdout + done.stderr
        assert done.returncode == status, told
        assert any(saying in told for saying in sayings), told
    assert frontrow.instance.is_running()


def test_every_make_target_and_program_that_is_named_exists() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make ([a-z]+)", README)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), f"make {target}"
    for path in set(re.findall(r"\]\(((?!http|#|/)[^)#]+)", README)):
        assert (CHECKOUT / path).exists(), path
    assert (CHECKOUT / "start-services.sh").stat().st_mode & 0o111
