"""``make bench-against COMMIT=<sha>``: plain bookings of this checkout and of a former commit, in one run.

Both platforms run at the same time, each with its own home, ports and packages; one of them is idle while the other
is measured, and they take turns, so that whatever else the machine does falls on both. The load generator is this
checkout's for both. Processor time is measured besides the wall's: it says more on a machine that has other work.

Exit status: 0 whatever the figures are, 1 when a booking was lost, 2 when there was nothing to measure.
"""

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from loadtest.bench import closed_loop, machine, rig
from loadtest.bench.closed_loop import Seats
from loadtest.bench.comparison import Measured, Round, markdown
from loadtest.bench.progress import Progress
from loadtest.bench.side import Checkout, Side, current, of_commit
from loadtest.bench.throughput import DURABLE_S, PATH, SHOWN_WITHIN_S

RESULT: Final = Path(__file__).parents[1] / "results" / "against.md"
HALLS: Final = 10
MOST_PER_S: Final = 4_500
"""So many bookings a second find a seat each; more of them would be refused, which costs less, and be told as lost."""
ROUNDS: Final = 6
"""Of each; even, so that each side is as often the first of a pair as the second."""
WARM_UPS: Final = 3
"""Rounds of each that are not counted: the log's Java machine compiles while it works at first, and the side that is
started last is the colder one."""
MOST_ROUNDS: Final = 20
ANNOUNCED_WITHIN_S: Final = 600.0
"""The halls have some 100,000 seats, and the machine may have other work."""
DRAINS: Final = 2
DRAINED_COMMANDS: Final = 100_000
PORT: Final = 8290
BASE_PORT: Final = 18_500
_SPAN: Final = 100


class Contestant:
    """A running side, what it showed so far, and what it lost."""

    def __init__(self, side: Side, where: rig.Addresses, progress: Progress) -> None:
        self.side = side
        self.rounds: list[Round] = []
        self.drains: list[tuple[float, float]] = []
        self.broken: list[str] = []
        self._where = where
        self._progress = progress
        self._sent = 0
        progress.wait_until_shown(ANNOUNCED_WITHIN_S)

    def book(self) -> Round:
        """Book for a round, and wait until all of it is shown."""
        shown_before, cpu_before, started = self._progress.bookings(), self.side.cpu_s(), time.monotonic()
        figures = closed_loop.book(self._where.gateway, PATH, self.side.seats, self._sent, DURABLE_S)
        seconds = self._progress.wait_until_shown(SHOWN_WITHIN_S) - started
        cpu = self.side.cpu_s()
        shown = self._progress.bookings() - shown_before
        self._sent += figures.asked
        if shown < figures.accepted or figures.refused:
            self.broken.append(
                f"{self.side.name}: {figures.accepted} accepted, {shown} shown, {figures.refused} refused"
            )
        cpu_us = {name: (used - cpu_before.get(name, 0.0)) / max(shown, 1) * 1e6 for name, used in cpu.items()}
        return Round(shown / seconds, figures.p50_ms, figures.p99_ms, cpu_us)

    def drain(self) -> None:
        """Let the worker drain a log of its own."""
        try:
            drained = self.side.drain(self._where, DRAINED_COMMANDS)
        except (subprocess.SubprocessError, ValueError) as failed:
            # The rounds before it are worth telling all the same; their reader is told what is missing.
            self.broken.append(f"{self.side.name}: the drain failed, {failed}")
        else:
            self.drains.append((drained.per_s, drained.worker_us))

    def measured(self) -> Measured:
        """Return everything that it showed."""
        return Measured(self.side.name, self.rounds, self.drains)


def main() -> int:
    """Run the comparison; returns the process' exit status."""
    args = _arguments()
    started = time.monotonic()
    try:
        with rig.alone():
            rig.bring_load_generator(say)
            former, now = _compare(of_commit(args.commit), args)
    except (CannotStartError, subprocess.CalledProcessError) as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    broken = [*former.broken, *now.broken]
    around = (
        f"{datetime.now(UTC):%Y-%m-%d}, now is {machine.commit()}, {time.monotonic() - started:.0f} s."
        f" {machine.description()}"
    )
    text = markdown(former.measured(), now.measured(), broken, around)
    RESULT.write_text(text)
    print(f"\n{text}")
    return int(bool(broken))


def _compare(commit: Checkout, args: argparse.Namespace) -> tuple[Contestant, Contestant]:
    seats = Seats("against-", HALLS, (args.rounds + WARM_UPS) * DURABLE_S * MOST_PER_S // HALLS)
    with ExitStack() as stack:
        pair = [
            _start(stack, Side(checkout, port=args.port + n, base_port=args.base_port + n * _SPAN, seats=seats))
            for n, checkout in enumerate((commit, current()))
        ]
        former, now = pair
        for _ in range(WARM_UPS):
            for one in pair:
                one.book()
        for number in range(args.rounds):
            for one in reversed(pair) if number % 2 else pair:
                one.rounds.append(one.book())
            old, new = (one.rounds[-1] for one in pair)
            say(
                f"round {number + 1}: {old.per_s:,.0f} and {new.per_s:,.0f}/s,"
                f" {old.total_us:,.0f} and {new.total_us:,.0f} µs a booking"
            )
        for number in range(args.drains):
            for one in reversed(pair) if number % 2 else pair:
                one.drain()
            old_per_s, new_per_s = ([round(per_s) for per_s, _ in one.drains] for one in pair)
            say(f"drained so far: {old_per_s} and {new_per_s}/s")
        return former, now


def _start(stack: ExitStack, side: Side) -> Contestant:
    say(f"starting {side.name}")
    where = stack.enter_context(side.running())
    progress = stack.enter_context(Progress(where, side.instance.settings.partitions))
    return Contestant(side, where, progress)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.bench.against", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, choices=range(1, MOST_ROUNDS + 1), default=ROUNDS, metavar="N")
    parser.add_argument("--drains", type=int, choices=range(MOST_ROUNDS + 1), default=DRAINS, metavar="N")
    parser.add_argument("--port", type=int, default=PORT, help="the gateways': this one and the next")
    parser.add_argument("--base-port", type=int, default=BASE_PORT, help="of 200 ports for the rest")
    return parser.parse_args()


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
