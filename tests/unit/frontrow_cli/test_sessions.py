"""The session: kept for its owner's eyes, renewed by one command at a time."""

import stat
import threading
from pathlib import Path

from frontrow_cli.sessions import Session
from frontrow_cli.settings import Settings
from frontrow_client import Client, Tokens


def session(folder: Path) -> tuple[Session, Client]:
    kept = Session(Settings.from_environment({"XDG_STATE_HOME": str(folder), "HOME": "/nowhere"}))
    client = Client(turn=kept)
    kept.give_to(client)
    return kept, client


def test_tokens_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    kept, _ = session(tmp_path)
    kept.begin("ada", Tokens("a1", "r1"))
    [file] = (tmp_path / "frontrow" / "sessions").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again, client = session(tmp_path)
    assert (again.user_id, client.tokens) == ("ada", Tokens("a1", "r1"))
    again.end()
    assert session(tmp_path)[1].tokens is None


def test_commands_at_the_same_time_renew_a_session_once(tmp_path: Path) -> None:
    session(tmp_path)[0].begin("ada", Tokens("a1", "r1"))
    (first, one), (second, other) = session(tmp_path), session(tmp_path)
    taken: list[Tokens | None] = []

    def take_turn() -> None:
        with second:
            taken.append(other.tokens)

    with first:
        waiting = threading.Thread(target=take_turn)
        waiting.start()
        one.resume(Tokens("a2", "r2"))
    waiting.join()
    assert taken == [Tokens("a2", "r2")], "whoever comes second takes what the first one got"
    assert session(tmp_path)[1].tokens == Tokens("a2", "r2")


def test_a_session_that_could_not_be_renewed_is_forgotten(tmp_path: Path) -> None:
    session(tmp_path)[0].begin("ada", Tokens("a1", "r1"))
    kept, client = session(tmp_path)
    with kept:
        client._asking.memory.tokens = None  # noqa: SLF001 - as the client does when Frontrow says so
    assert session(tmp_path)[0].user_id is None


def test_settings_say_where_frontrow_is() -> None:
    read = Settings.from_environment
    assert read({"HOME": "/home/ada"}).url == "http://localhost:8080"
    assert read({"HOME": "/home/ada"}).state == Path("/home/ada/.local/state/frontrow")
    assert read({"FRONTROW_PORT": "9", "HOME": "/"}).url == "http://localhost:9"
    assert read({"FRONTROW_URL": "https://x/", "FRONTROW_PORT": "9", "HOME": "/"}).url == "https://x"
    assert read({"FRONTROW_URL": "https://x", "HOME": "/"}, url="http://y", user="bob").url == "http://y"
