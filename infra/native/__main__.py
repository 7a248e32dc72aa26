"""``python -m infra.native <command>``: what ``start-services.sh`` does once there is a Python environment.

The last stop of every error: a sentence and its remedy, exit code 1, no traceback.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from string import Template
from typing import Final, NoReturn

from infra.native import kafka, moving
from infra.native.errors import CannotStartError
from infra.native.gateway import ACCESS_LOG
from infra.native.home import Home
from infra.native.instance import ALL, STORES, Instance
from infra.native.machine import Say
from infra.native.services import ONE_SHOTS, inherited
from infra.native.settings import CHECKOUT

WELCOME: Final = Path(__file__).parents[1] / "welcome.txt"
NOT_RUNNING: Final = 3
"""What a status command returns when nothing runs (LSB)."""
LOG_LINES: Final = 100
TOOLS: Final = {
    "operator": ("operator", "write_api.operator"),
    "dead-letters": ("dead_letters", "write_api.dead_letters"),
    "rebuild": ("sync_service", "sync_service", "rebuild"),
    "restore-check": ("audit", "audit", "restore-check"),
}
"""What operators run beside a platform at work: as which service, which module, and the module's first word."""
BEFORE_A_START: Final = frozenset({"restore-check"})
"""What is asked before services may start: where nothing runs, the stores do for so long."""


def main() -> int:
    """Run one command; returns the process' exit status."""
    parser = _parser()
    arguments, options = parser.parse_known_args()
    if arguments.command in TOOLS:
        arguments.arguments += options  # for the tool's own parser
    elif options:
        parser.error(f"unrecognized arguments: {' '.join(options)}")
    try:
        instance = _instance(arguments.command, _saying())
        status = _run(arguments, instance)
        sys.stdout.flush()
        return status  # noqa: TRY300 - the flush before it belongs to what may break
    except CannotStartError as error:
        print(f"\n{error.sentence}\n{error.remedy}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"\n{error.filename or 'Something'} belongs to somebody else.", file=sys.stderr)
        print("Do this as whoever started Frontrow, or set FRONTROW_HOME to a folder of yours.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our words has heard enough (``status | head``); Python's own last flush must not say so either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(
            "\nStopped half way. ./start-services.sh goes on from here; ./start-services.sh stop ends it.",
            file=sys.stderr,
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.native", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("start", "stop", "status"):
        commands.add_parser(name)
    commands.add_parser("install").add_argument("--browser", action="store_true", help="and what the page is tested in")
    commands.add_parser("restart").add_argument("service", nargs="?", choices=ALL)
    logs = commands.add_parser("logs")
    logs.add_argument("service", nargs="?")
    logs.add_argument("-f", "--follow", action="store_true")
    commands.add_parser("reset").add_argument("--yes", action="store_true")
    backup = commands.add_parser("backup")
    backup.add_argument("folder")
    backup.add_argument("--final", action="store_true", help="nothing more is accepted, all is decided, then it stops")
    backup.add_argument("--without-secrets", action="store_true", help="you carry the keys by another way")
    restore = commands.add_parser("restore")
    restore.add_argument("folder")
    restore.add_argument("--dry-run", action="store_true", help="only look whether it could be restored here")
    for name in TOOLS:
        commands.add_parser(name, add_help=False).add_argument("arguments", nargs="*")
    return parser


def _instance(command: str, say: Say) -> Instance:
    """Return the instance meant; whoever asks about a running one sees it as it was started."""
    instance = Instance.from_environment(os.environ, say)
    if command == "install":
        return instance
    return instance.as_started()


def _run(arguments: argparse.Namespace, instance: Instance) -> int:
    match arguments.command:
        case "install":
            instance.install()
            if arguments.browser:
                instance.install_browser()
        case "start":
            return _start(instance)
        case "stop":
            _stop(instance)
        case "restart":
            return _restart(instance, arguments.service)
        case "status":
            return _status(instance)
        case "logs":
            _logs(instance, arguments.service, follow=arguments.follow)
        case "reset":
            return _reset(instance, sure=arguments.yes)
        case "backup" | "restore":
            _move(instance, arguments)
        case tool:
            return _tool(instance, tool, arguments.arguments)
    return 0


def _start(instance: Instance) -> int:
    begun = time.monotonic()
    if instance.start():
        print(f"\nFrontrow is running (native, {time.monotonic() - begun:.0f} s).")
    else:
        print("Frontrow is already running.")
    print(Template(WELCOME.read_text()).substitute(URL=instance.gateway_url))
    return 0


def _restart(instance: Instance, service: str | None) -> int:
    if service is None:
        _stop(instance)
        return _start(Instance.from_environment(os.environ, _saying()))
    _require_running(instance)
    instance.restart(service)
    print(f"{service} is running again")
    return 0


def _stop(instance: Instance) -> None:
    if instance.is_running():
        print("stopping", flush=True)
        instance.stop()
        print("Frontrow is stopped.")
    else:
        print("Frontrow is not running.")


def _status(instance: Instance) -> int:
    states = instance.status()
    if not states:
        print("Frontrow is not running.")
        return NOT_RUNNING
    restarts = instance.restarts()
    print(f"{'process':<16}{'state':<10}{'pid':>8}{'up':>10}{'restarts':>10}  port")
    for name in sorted(states, key=instance.port_of):
        each = states[name]
        up = time.strftime("%H:%M:%S", time.gmtime(each.uptime_s)) if each.pid else "-"
        line = f"{name:<16}{each.state:<10}{each.pid or '-':>8}{up:>10}{restarts.get(name, 0):>10}"
        print(f"{line}  {instance.port_of(name)}")
    for name, each in states.items():
        if each.is_given_up:
            print(f"\n{name} was given up and is not started again: {instance.last_words_of(name)}")
    return 0 if all(each.state == "RUNNING" for each in states.values()) else 1


def _logs(instance: Instance, service: str | None, *, follow: bool) -> NoReturn:
    files = sorted(instance.logs.glob("*.log"))
    if service is not None:
        files = [file for file in files if file.stem == service or file.stem.startswith(f"{service}_")]
        if service == "gateway":
            files.append(instance.logs / ACCESS_LOG)
    files = [file for file in files if file.exists()]
    if not files:
        known = ", ".join((*ALL, *ONE_SHOTS))
        raise CannotStartError(f"There is no log of {service or 'anything'} yet.", f"Logs there may be: {known}.")
    # In our place, so that whoever ends us ends it.
    os.execvp("tail", ["tail", "-n", str(LOG_LINES), *(["-F"] if follow else []), *map(str, files)])  # noqa: S606


def _require_running(instance: Instance) -> None:
    if not instance.is_running():
        raise CannotStartError("Frontrow is not running.", "Start it with ./start-services.sh")


def _tool(instance: Instance, name: str, arguments: list[str]) -> int:
    service, *command = TOOLS[name]
    if name not in BEFORE_A_START or instance.is_running():
        _require_running(instance)
        return _call(instance, service, *command, *arguments)
    instance.start(STORES)
    try:
        return _call(instance, service, *command, *arguments)
    finally:
        instance.stop()


def _call(instance: Instance, service: str, *command: str) -> int:
    """Run a module of ours as a service, beside it."""
    env = {**inherited(), **instance.environment_of(service)}
    return subprocess.call([sys.executable, "-m", *command], cwd=CHECKOUT, env=env)


def _move(instance: Instance, arguments: argparse.Namespace) -> None:
    if arguments.command == "backup":
        _require_running(instance)
    log_was_there = kafka.has_log(Home(instance.home))
    chosen = {name for name, given in vars(arguments).items() if given is True}
    options = frozenset({*chosen, *({"log_was_there"} if log_was_there else ())})
    moving.run(arguments.command, instance, arguments.folder, _saying(), options)


def _reset(instance: Instance, *, sure: bool) -> int:
    if not sure:
        print(f"This stops Frontrow and removes all its data, secrets and logs in {instance.home}.")
        try:
            answer = input("Go on? [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"y", "yes"}:
            print("Nothing was changed.")
            return 1
    instance.reset()
    print("Everything of Frontrow is removed.")
    return 0


def _saying() -> Say:
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - begun:5.1f} s] {line}", flush=True)

    return say


if __name__ == "__main__":
    sys.exit(main())
