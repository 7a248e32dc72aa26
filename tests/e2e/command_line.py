"""The command line as tests use it: run in this process or as one of its own, and what it printed."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from frontrow_cli.__main__ import main
from infra.native.services import inherited
from infra.openapi import build
from tests.frontrow import CHECKOUT, Frontrow

GOLDEN: Final = Path(__file__).parent / "golden"
REWRITE: Final = "FRONTROW_GOLDEN"
"""Set to ``write``, the golden outputs are what is printed now; look at the difference before you keep it."""
DOCUMENT: Final[dict[str, Any]] = json.loads((build.STATIC / "openapi.json").read_text())
INTERRUPTED: Final = (130, -signal.SIGINT)
"""How a process ends that was interrupted: a shell says 130 of both. Python ends itself by the signal where the
interrupt went through code that it was just making of a text, as a data class is, though it was caught after it."""
_CHANGING: Final = (
    (re.compile(r"\b(bk|of|cm)_[A-Za-z0-9_-]+"), r"\1_…"),
    (re.compile(r"\bhall-[0-9a-f]{12}"), "hall-0123456789ab"),
    (re.compile(r"\d\d:\d\d:\d\d"), "19:00:00"),
    (re.compile(r"\b1:5\d min"), "1:59 min"),
    (re.compile(r"\b1\d s\b"), "14 s"),
    (re.compile(r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} 20(2[0-6]|[3-9]\d), \d\d:\d\d"), "Fri 1 Jan 2027, 19:00"),
    (re.compile(r"http://(localhost|127\.0\.0\.1):\d+"), "http://localhost:8080"),
)
"""What is another one each time, and what stands for it."""


@dataclass
class Printed:
    """What a command printed, and how it ended."""

    out: str
    err: str
    code: int

    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.out)

    def said(self, schema: str, *, many: bool = False) -> Any:  # noqa: ANN401
        """Return the JSON that was printed; it must be what the OpenAPI document calls so."""
        document = self.json()
        reference = {"$ref": f"#/components/schemas/{schema}"}
        wanted = {"type": "array", "items": reference} if many else reference
        jsonschema_rs.validator_for({**wanted, "components": DOCUMENT["components"]}).validate(document)
        return document


@dataclass
class CommandLine:
    """One person's command line: a state folder, a terminal's width, nothing else of this process."""

    frontrow: Frontrow
    state: Path
    patch: pytest.MonkeyPatch
    read: Callable[[], tuple[str, str]]
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "FRONTROW_URL": self.frontrow.instance.gateway_url,
            "XDG_STATE_HOME": str(self.state),
            "FRONTROW_USER": "user-123",
            "COLUMNS": "80",
            "TZ": "UTC",
            **self.variables,
        }

    def __call__(self, *arguments: str, code: int = 0, width: int = 80) -> Printed:
        """Run a command in this process; it must end so."""
        with self.patch.context() as patch:
            for name, value in {**self.environment, "COLUMNS": str(width)}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(list(arguments))
        printed = Printed(*self.read(), int(str(ended.value.code)))
        assert printed.code == code, printed
        return printed

    def process(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command as a process of its own, which heeds Ctrl-C: what a shell runs in the background does not."""
        return subprocess.Popen(
            ["env", "--default-signal=INT", sys.executable, "-m", "frontrow_cli", *arguments],
            cwd=CHECKOUT,
            env={**inherited(), **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def book(self, *arguments: str, code: int = 0) -> Any:  # noqa: ANN401
        """Book, remember it for the invariants, and return the booking."""
        booking = self("book", *arguments, "--wait", "--json", code=code).said("Booking")
        self.frontrow.accepted.add(booking["booking_id"])
        return booking


def golden(name: str, printed: str) -> None:
    """Assert that this was printed, up to what is another one each time."""
    for pattern, instead in _CHANGING:
        printed = pattern.sub(instead, printed)
    printed = "\n".join(line.rstrip() for line in printed.splitlines()) + "\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get(REWRITE) == "write":
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")
