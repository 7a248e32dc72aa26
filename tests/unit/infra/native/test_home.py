"""The folders of an instance: who may look, what is removed, who waits for whom."""

import os
import stat
from pathlib import Path

import pytest

from infra.native.errors import CannotStartError
from infra.native.home import MAX_SOCKET_PATH, Home, may_traverse


def test_what_may_hold_something_private_is_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    for folder in (home.secrets, home.conf, home.run):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_long_home_gets_a_short_socket_of_its_own(tmp_path: Path) -> None:
    one, two = (Home(tmp_path / ("x" * 80) / name) for name in ("one", "two"))
    assert len(str(one.socket)) <= MAX_SOCKET_PATH
    assert one.socket != two.socket


def test_a_second_start_at_the_same_time_is_told_so(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.locked(), pytest.raises(CannotStartError, match=f"right now .process {os.getpid()}"), home.locked():
        pass
    with home.locked():
        pass


def test_removing_a_home_leaves_other_homes_below_it(tmp_path: Path) -> None:
    outer, inner = Home(tmp_path), Home(tmp_path / "test")
    outer.prepare()
    inner.prepare()
    outer.remove()
    assert not outer.data.exists()
    assert inner.data.exists()


def test_removing_removes_what_lies_elsewhere_for_another_user(tmp_path: Path) -> None:
    home, elsewhere = Home(tmp_path / "home"), tmp_path / "elsewhere" / "id"
    home.prepare()
    (elsewhere / "postgres").mkdir(parents=True)
    (home.data / "postgres").symlink_to(elsewhere / "postgres")
    home.remove()
    assert not elsewhere.exists()


def test_secrets_stay_while_the_volumes_of_compose_need_them(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    (tmp_path / "docker").touch()
    home.remove()
    assert home.secrets.exists()
    assert not home.data.exists()


def test_a_folder_closed_to_others_stops_another_user(tmp_path: Path) -> None:
    closed, stranger = tmp_path / "closed", 65_000
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0o700)
    assert not may_traverse(closed / "inside", stranger, stranger)
    owner = closed.stat()
    closed.chmod(0o700)
    assert may_traverse(closed, owner.st_uid, owner.st_gid) or tmp_path.stat().st_uid != owner.st_uid


def test_settings_of_the_running_instance_are_remembered(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.remembered() == {}
    home.remember({"FRONTROW_PORT": "8081"})
    assert home.remembered() == {"FRONTROW_PORT": "8081"}


def test_the_last_words_of_a_process_are_its_last_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.last_words_of("worker") == "it said nothing."
    home.prepare()
    home.log_of("worker").write_text("first\nlast\n\n")
    assert home.last_words_of("worker") == "last"


def test_what_is_remembered_is_private_also_where_an_earlier_version_left_it_open(tmp_path: Path) -> None:
    (tmp_path / "instance.json").write_text("{}")
    (tmp_path / "instance.json").chmod(0o644)
    Home(tmp_path).remember({"FRONTROW_PASSWORD": "secret"})
    assert stat.S_IMODE((tmp_path / "instance.json").stat().st_mode) == 0o600
