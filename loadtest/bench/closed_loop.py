"""Closed loop: ``wrk`` keeps a fixed number of clients busy, each sending when its last request was answered.

The same generator for both sides of a ratio. It costs a few microseconds a request, which matters on a machine that
carries the platform as well. Asks the loopback interface only.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.loopback import refuse_unless_loopback

PROGRAM: Final = "wrk"
"""Also the name of the distribution's package that brings it."""
CLIENTS: Final = 64
CROWD: Final = 4_000
"""A crowd's connections: more than the gateway takes requests at once, so that its bound is met as well."""
_GRACE_S: Final = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """What the clients saw. ``answers`` counts all, ``refused`` those that were no 2xx; latencies in milliseconds."""

    answers: int
    refused: int
    broken: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @property
    def accepted(self) -> int:
        """Answers of the kind that was asked for."""
        return self.answers - self.refused

    @property
    def asked(self) -> int:
        """How many seats were asked for at most: those without an answer may have been booked as well.

        What was under way when the clients left, one request each, is in no count; and at its start ``wrk`` asks its
        script for one request that it never sends.
        """
        return self.answers + self.broken + CLIENTS + 1

    @property
    def per_s(self) -> float:
        """Accepted answers a second."""
        return self.accepted / self.seconds


@dataclass(frozen=True, slots=True)
class Seats:
    """Distinct seats to book: ``halls`` events called ``<prefix><number>``, with seats S1 to S<seats> each."""

    prefix: str
    halls: int
    seats: int


def book(base_url: str, path: str, seats: Seats, sent: int, seconds: int, note: Path | None = None) -> Figures:
    """Book distinct seats for so long; ``sent``: how many of them were asked for in earlier calls.

    ``note``: a file for the id of each booking that was accepted, and when; see ``accepted``.
    """
    arguments = [path, seats.prefix, str(seats.halls), str(seats.seats), str(sent), *([str(note)] if note else [])]
    return _wrk(base_url, "book.lua", seconds, arguments)


def accepted(note: Path) -> dict[str, float]:
    """Return by booking id when its client had the 202, as ``time.monotonic()``, from what ``book`` noted."""
    pairs = (line.split() for line in note.read_text().splitlines())
    return {booking_id: float(at) for booking_id, at in pairs}


def body(seats: Seats, number: int) -> bytes:
    """Return the body of the booking that ``book`` sends when ``number`` were asked for before."""
    hall, seat = number % seats.halls, number // seats.halls % seats.seats + 1
    return f'{{"userId":"user-{number}","eventId":"{seats.prefix}{hall}","seatId":"S{seat}"}}'.encode()


def read(url: str, seconds: int) -> Figures:
    """Read one address for so long."""
    return _wrk(url, "figures.lua", seconds, [])


def read_many(base_url: str, paths: Sequence[str], seconds: int) -> Figures:
    """Read these addresses for so long, one after the other, and from the first again."""
    with tempfile.NamedTemporaryFile("w", prefix="frontrow-bench-", suffix=".paths") as file:
        file.write("\n".join(paths))
        file.flush()
        return _wrk(base_url, "read_many.lua", seconds, [file.name])


@dataclass(frozen=True, slots=True)
class Told:
    """What a crowd was answered: 202, 503 overloaded, another 503, 429, something else, nothing.

    ``late_ms``: how late the generator itself was, at worst.
    """

    accepted: int
    busy: int
    unsure: int
    often: int
    other: int
    broken: int
    late_ms: float
    seconds: float

    @property
    def asked(self) -> int:
        """All of them."""
        return self.accepted + self.busy + self.unsure + self.often + self.other + self.broken


@contextmanager
def crowd(base_url: str, path: str, seats: Seats, per_s: float, seconds: int) -> Iterator["subprocess.Popen[str]"]:
    """Have a crowd book, ``per_s`` a second whatever it is answered: no closed loop, but the same generator."""
    refuse_unless_loopback(base_url)
    arguments = [path, seats.prefix, str(seats.halls), str(seats.seats), f"{per_s:.0f}"]
    options = ["-t1", f"-c{CROWD}", f"-d{seconds}s", "--timeout", "10s", "-s", "rush.lua"]
    command = [PROGRAM, *options, base_url, "--", *arguments]
    with subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def told(running: "subprocess.Popen[str]") -> Told:
    """Return what a crowd that is over was answered."""
    output, _ = running.communicate(timeout=_GRACE_S)
    return Told(**json.loads(output.rpartition("FIGURES ")[2]))


def _wrk(url: str, script: str, seconds: int, arguments: list[str]) -> Figures:
    refuse_unless_loopback(url)
    command = [PROGRAM, "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--timeout", "5s", "-s", script, url, "--", *arguments]
    ran = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=seconds + _GRACE_S
    )
    line = next(line for line in ran.stdout.splitlines() if line.startswith("FIGURES "))
    return Figures(**json.loads(line.removeprefix("FIGURES ")))
