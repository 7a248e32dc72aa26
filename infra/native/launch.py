"""Everything of a start that needs no server yet: free ports, programs, empty stores, configuration.

Only `instance` enters here, under the home's lock.
"""

import os
import resource
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from infra.native import gateway, kafka, kafka_jars, mongo, postgres, redis, rotation, services
from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.machine import BROWSER_PACKAGE, Say, find_browser, find_programs
from infra.native.machine import install as install_packages
from infra.native.ports import LOOPBACK, Ports, holder_of, is_free
from infra.native.program import OPEN_FILES, render
from infra.native.settings import NativeSettings
from infra.secrets.files import generate


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs of the servers, all there."""

    nginx: Path
    redis: Path
    java: Path
    mongod: Path
    kafka_libs: Path
    setpriv: Path | None


def install(settings: NativeSettings, say: Say) -> Tools:
    """Bring what the machine lacks (as root) or say what to run; fetch Kafka unless it is there.

    Raises:
        CannotStartError: something is missing and could not be brought.
    """
    logs = Home(settings.home).logs
    programs = find_programs()
    libs = kafka_jars.find(settings.kafka_home, settings.cache)
    if missing := programs.missing(with_maven=libs is None):
        install_packages(missing, say, logs / "apt.log")
        programs = find_programs()
        if missing := programs.missing(with_maven=libs is None):
            sentence = f"The packages are installed, and {', '.join(missing)} cannot be found all the same."
            raise CannotStartError(sentence, "Put its folder on PATH, then start again.")
    if programs.mongod is None:
        sentence = "This machine has no mongod, and the Python environment does not bring one."
        raise CannotStartError(sentence, "Start through ./start-services.sh, or put a mongod on PATH.")
    if libs is None and programs.maven:
        libs = kafka_jars.fetch(programs.maven, settings.cache, say, logs / "maven.log")
    # `missing` was empty, so all of them are there; this tells the type checker.
    assert programs.nginx and programs.redis and programs.java and libs  # noqa: S101, PT018
    return Tools(programs.nginx, programs.redis, programs.java, programs.mongod, libs, programs.setpriv)


def install_browser(settings: NativeSettings, say: Say) -> None:
    """Bring the browser in which the page is tested; where that fails it is said, and those tests will fail."""
    if find_browser() is None:
        try:
            install_packages(BROWSER_PACKAGE, say, Home(settings.home).logs / "apt-browser.log")
        except CannotStartError as error:
            say(f"{error.sentence} {error.remedy}")


def require_free_ports(ports: Ports, parts: Iterable[str]) -> None:
    """Refuse to start where somebody else listens.

    Raises:
        CannotStartError: names the port, who holds it where that can be told, and the variable that moves it.
    """
    for service in parts:
        for port in ports.of(service):
            # The gateway is the public door: it listens on every address, everything else on loopback.
            try:
                if is_free(port, host="" if service == "gateway" else LOOPBACK):
                    continue
            except PermissionError:
                sentence = f"Port {port}, which {service} needs, is one that only root may use."
                raise CannotStartError(sentence, "Choose one above 1023, or start as root.") from None
            holder = holder_of(port)
            sentence = f"Port {port}, which {service} needs, is in use{f' by {holder}' if holder else ''}."
            variable, other = ("PORT", port + 1) if service == "gateway" else ("BASE_PORT", ports.base + 1000)
            remedy = f"Stop that process, or choose another: FRONTROW_{variable}={other} ./start-services.sh"
            raise CannotStartError(sentence, remedy)


def make_secrets(settings: NativeSettings) -> None:
    """Make the secrets that are missing.

    Raises:
        CannotStartError: they belong to somebody else, to containers of an earlier start by root, say.
    """
    try:
        generate(settings.home)
    except OSError as error:
        sentence = f"The secrets in {settings.home / 'secrets'} cannot be used: {error.strerror}."
        raise CannotStartError(sentence, f"Make them yours: sudo chown -R {os.getuid()} {settings.home}") from None


def prepare_stores(settings: NativeSettings, tools: Tools, say: Say) -> None:
    """Make the stores' empty data unless it is there, all at the same time."""
    home = Home(settings.home)
    if not (home.data / "postgres").exists():
        say("making empty stores")
    mongo.prepare(home)
    redis.prepare(home)
    with ThreadPoolExecutor(2) as pool:
        preparations = [
            pool.submit(postgres.prepare, home),
            pool.submit(kafka.prepare, home, settings.ports, tools.java, tools.kafka_libs),
        ]
    try:
        for preparation in preparations:
            preparation.result()
    except subprocess.TimeoutExpired as slow:
        sentence = f"Making empty stores took more than {slow.timeout:.0f} s."
        raise CannotStartError(sentence, "Check the disk and what else runs, then start again.") from None


def write_configuration(settings: NativeSettings, tools: Tools) -> None:
    """Write everybody's configuration, the supervisor's last."""
    home, ports = Home(settings.home), settings.ports
    programs = [
        postgres.program(home, ports.postgres),
        redis.program(home, ports.redis, tools.redis),
        mongo.program(home, ports.mongo, tools.mongod),
        kafka.program(home, ports, tools.java, tools.kafka_libs),
        *services.programs(settings),
        gateway.program(home, settings, tools.nginx),
        rotation.program(home),
    ]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    text = render(
        programs,
        socket=home.socket,
        run=home.run,
        logs=home.logs,
        open_files=OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES),
        setpriv=tools.setpriv,
    )
    home.supervisor_configuration.write_text(text)
