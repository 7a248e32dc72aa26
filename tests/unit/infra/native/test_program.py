"""The supervisor's configuration, read back as the supervisor reads it."""

from configparser import RawConfigParser
from pathlib import Path

import pytest

from infra.native.errors import CannotStartError
from infra.native.program import Program, render


def _rendered(program: Program, setpriv: Path | None = None) -> RawConfigParser:
    text = render(
        [program], socket=Path("/h/s.sock"), run=Path("/h/run"), logs=Path("/h/logs"), open_files=1024, setpriv=setpriv
    )
    parsed = RawConfigParser(inline_comment_prefixes=(";", "#"))  # as the supervisor reads it
    parsed.read_string(text)
    return parsed


def test_a_program_starts_when_told_and_again_when_it_dies() -> None:
    section = _rendered(Program("worker", ("python", "-m", "worker")))["program:worker"]
    assert section["autostart"] == "false"
    assert section["autorestart"] == "unexpected"
    assert "0" not in section["exitcodes"].split(",")
    assert int(section["startsecs"]) > 0
    assert int(section["startretries"]) > 0


def test_a_path_with_a_space_stays_one_argument() -> None:
    section = _rendered(Program("redis", ("/bin/redis", Path("/my home/redis.conf"))))["program:redis"]
    assert section["command"] == "/bin/redis '/my home/redis.conf'"


def test_a_percent_sign_is_no_expansion() -> None:
    section = _rendered(Program("x", ("run",), {"A": "50%(here)s"}))["program:x"]
    assert section["environment"] == 'A="50%%(here)s"'


def test_quotes_survive_or_are_refused() -> None:
    assert _rendered(Program("x", ("run",), {"A": 'say "no"'}))["program:x"]["environment"] == "A='say \"no\"'"
    with pytest.raises(CannotStartError, match="A holds a line break"):
        _rendered(Program("x", ("run",), {"A": "one\ntwo"}))


def test_nobody_is_left_behind_when_the_supervisor_is_killed() -> None:
    section = _rendered(Program("postgres", ("postgres",), stop_signal="INT"), Path("/usr/bin/setpriv"))
    assert section["program:postgres"]["command"] == "/usr/bin/setpriv --pdeathsig INT postgres"


def test_logs_rotate() -> None:
    section = _rendered(Program("x", ("run",)))["program:x"]
    assert section["stdout_logfile"] == "/h/logs/x.log"
    assert section["redirect_stderr"] == "true"
    assert int(section["stdout_logfile_backups"]) > 0


def test_a_listener_keeps_its_protocol_out_of_the_log() -> None:
    section = _rendered(Program("ticks", ("run",), listens_to="TICK_60"))["eventlistener:ticks"]
    assert section["events"] == "TICK_60"
    assert section["stdout_logfile"] == "NONE"
    assert "redirect_stderr" not in section
