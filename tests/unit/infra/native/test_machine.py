"""What the machine has, and what is said when it lacks something."""

import os
import shutil
from pathlib import Path

import pytest

from infra.native import kafka_jars, machine
from infra.native.errors import CannotStartError
from infra.native.machine import Programs, java_version, require_disk

NOTHING = Programs(nginx=None, postgres_bin=None, redis=None, java=None, mongod=None, maven=None, setpriv=None)


def test_without_apt_the_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(CannotStartError, match="no apt-get") as refused:
        machine.install({"NGINX": "nginx", "Redis": "redis-server"}, print, tmp_path / "apt.log")
    assert "nginx redis-server" in refused.value.remedy


def test_every_missing_program_has_its_package() -> None:
    found = NOTHING.missing(with_maven=True)
    assert set(found.values()) == {"nginx", "postgresql", "redis-server", "openjdk-17-jre-headless", "maven"}


def test_maven_is_not_asked_for_when_kafka_is_there() -> None:
    assert "maven" not in NOTHING.missing(with_maven=False).values()


def test_without_root_the_exact_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/apt-get")
    with pytest.raises(CannotStartError) as refused:
        machine.install({"NGINX": "nginx"}, print, tmp_path / "apt.log")
    assert "sudo apt-get install -y --no-install-recommends nginx" in refused.value.remedy


@pytest.mark.parametrize(
    ("text", "major"),
    [('JAVA_VERSION="17.0.15"', 17), ('JAVA_VERSION="21"', 21), ('JAVA_VERSION="1.8.0_402"', 8), ("", 0)],
)
def test_a_java_is_known_by_the_release_file_beside_it(tmp_path: Path, text: str, major: int) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    (tmp_path / "release").write_text(f'IMPLEMENTOR="x"\n{text}\n')
    assert java_version(tmp_path / "bin" / "java") == major


def test_a_full_disk_is_a_sentence_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MIN_FREE_BYTES", 1 << 62)
    with pytest.raises(CannotStartError, match="GB free; Frontrow needs 2 GB") as refused:
        require_disk(tmp_path / "not" / "there" / "yet")
    assert "FRONTROW_HOME" in refused.value.remedy


def test_a_kafka_home_without_kafka_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="no Kafka jars"):
        kafka_jars.find(tmp_path, tmp_path)


def test_a_download_that_was_cut_off_is_not_taken_for_kafka(tmp_path: Path) -> None:
    (kafka_jars.cached(tmp_path).parent / "libs.half").mkdir(parents=True)
    assert kafka_jars.find(None, tmp_path) is None


def test_a_maven_that_fails_leaves_nothing_behind_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="Maven could not fetch") as refused:
        kafka_jars.fetch(Path("/bin/false"), tmp_path, print, tmp_path / "maven.log")
    assert "network" in refused.value.remedy
    assert list(kafka_jars.cached(tmp_path).parent.iterdir()) == []
