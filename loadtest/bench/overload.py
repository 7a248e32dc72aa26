"""``make overload``: five times the load that can be sustained, for a minute, and what becomes of everybody.

In an instance of its own, in about two minutes. The platform has one half of the processors, who asks has the other:
on all of them together a crowd of five times would take from the platform what it is to be measured by. First what can
be sustained is measured: bookings a second that are accepted, decided and shown in step. Then the crowd comes five
times as fast, whatever it is answered, while probes book, follow and note. Exit status 0 whatever the figures are, 1
when a booking was lost: then they mean nothing. Written to ``loadtest/results/overload.json``. ``--seconds`` and
``--times`` change the crowd.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.instance import Instance
from infra.native.settings import CHECKOUT
from loadtest.bench import closed_loop, machine, processes, rig
from loadtest.bench.announce import announce
from loadtest.bench.backlog import Hall
from loadtest.bench.closed_loop import Seats, Told
from loadtest.bench.open_loop import percentile_ms
from loadtest.bench.probes import ACCEPTED, NEVER, Probe, Probes
from loadtest.bench.probes import PER_S as PROBES_PER_S
from loadtest.bench.progress import Progress
from loadtest.bench.report import Circumstances, Row, markdown
from loadtest.bench.throughput import PATH, SHOWN_WITHIN_S, Booker

RESULT: Final = Path(__file__).parents[1] / "results" / "overload.json"
SEATS: Final = Seats("rush-", 10, 15_000)
PROBED: Final = Seats("probed-", 10, 1_000)
TIMES: Final = 5
SECONDS: Final = 60
CALM_S: Final = 5.0
"""Before the crowd, so that there is something to compare with."""
AFTERWARDS_S: Final = 15.0
MEMORY_EVERY_S: Final = 5.0
NORMAL_MS: Final = 1_000
OUTCOME_MS: Final = 5_000
QUICK_MS: Final = 3_000
NORMAL_AGAIN_S: Final = 10
FLAT_MB: Final = 100
"""How much a process may have grown from when the crowd was in full swing to its end; a queue without a bound would
hold every request that came too much, some kilobytes each, thousands a second."""
LATE_MS: Final = 500
"""So much later than it was due a probe may leave. What leaves later found no processor: the machine is busy with other
things, and the latencies are those of the probes, not of the platform."""
_ANNOUNCED_WITHIN_S: Final = 120.0
_AUDITED_WITHIN_S: Final = 300.0


@dataclass(frozen=True)
class Overloaded:
    """What is written down. Durations in milliseconds are of the probes, unless they say otherwise."""

    sustainable_per_s: float
    offered_per_s: float
    accepted_per_s: float
    answers: dict[str, int]
    calm_outcome_p99_ms: float
    outcome_p50_ms: float
    outcome_p99_ms: float
    accepted_p99_ms: float
    refused_p99_ms: float
    probes_late_p99_ms: float
    crowd_late_ms: float
    normal_again_s: float
    grown_mb: dict[str, float]
    memory_mb: dict[str, float]
    broken: list[str]


def main() -> int:
    """Run the scenario; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make overload", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--times", type=float, default=TIMES)
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        with rig.alone():
            instance = rig.prepare(os.environ, say)
            the_platforms, the_crowds = machine.halves(os.sched_getaffinity(0))
            try:
                with machine.only(the_platforms):
                    instance.start()
                with machine.only(the_crowds):
                    found = _measure(instance, arguments.seconds, arguments.times)
            finally:
                instance.stop()
            instance.reset()
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    around = Circumstances(
        datetime.now(UTC).strftime("%Y-%m-%d"), machine.commit(), machine.description(), time.monotonic() - started
    )
    RESULT.write_text(json.dumps(asdict(around) | asdict(found), indent=2) + "\n")
    say("\n" + markdown(rows(found), notes(found), found.broken, around))
    return int(bool(found.broken))


def _measure(instance: Instance, seconds: int, times: float) -> Overloaded:
    where, partitions = rig.addresses(instance), instance.settings.partitions
    with Progress(where, partitions) as progress:
        halls = [Hall(f"{of.prefix}{number}", of.seats) for of in (SEATS, PROBED) for number in range(of.halls)]
        announce(where.bootstrap, where.topic, partitions, halls)
        progress.wait_until_shown(_ANNOUNCED_WITHIN_S)
        say("what can be sustained")
        booker = Booker(where, SEATS)
        booker.durable(progress)  # not counted: the log's Java machine compiles while it works at first
        sustainable = booker.durable(progress).per_s
        say(f"{sustainable:,.0f} bookings a second; now {times:g} times as many for {seconds} s")
        memory = [_memory(instance)]
        with Probes(where.gateway, PROBED) as probes:
            time.sleep(CALM_S)
            began = time.monotonic()
            with closed_loop.crowd(where.gateway, PATH, SEATS, sustainable * times, seconds) as crowd:
                while crowd.poll() is None:
                    time.sleep(MEMORY_EVERY_S)
                    memory.append(_memory(instance))
                ended = time.monotonic()
                told = closed_loop.told(crowd)
            time.sleep(AFTERWARDS_S)
            seen = probes.collect()
        progress.wait_until_shown(SHOWN_WITHIN_S)
    return figures(sustainable, told, seen, (began, ended), memory, _audit(instance))


def figures(
    sustainable: float,
    told: Told,
    seen: Sequence[Probe],
    crowd: tuple[float, float],
    memory: Sequence[dict[str, float]],
    broken: list[str],
) -> Overloaded:
    """Return what is written down. ``crowd``: when it came and went; ``broken``: what is known to be lost already."""
    began, ended = crowd
    calm = [one for one in seen if one.due < began - 1]
    amid = [one for one in seen if began <= one.due < ended]
    accepted = [one for one in amid if one.status == ACCEPTED]
    refused = [one for one in amid if one.status != ACCEPTED]
    strange = sorted({one.status for one in refused} - {429, 503})
    last_slow = max((one.due for one in seen if one.due >= ended and not _normal(one)), default=ended)
    broken += [f"probes were answered {status or 'not at all'}" for status in strange]
    if lost := sum(one.shown == NEVER for one in accepted):
        broken.append(f"{lost} accepted probes were never shown")
    return Overloaded(
        sustainable_per_s=sustainable,
        offered_per_s=told.asked / told.seconds,
        accepted_per_s=told.accepted / told.seconds,
        answers={
            "accepted": told.accepted,
            "overloaded": told.busy,
            "another 503": told.unsure,
            "too-many-requests": told.often,
            "something else": told.other,
            "nothing": told.broken,
        },
        calm_outcome_p99_ms=percentile_ms([one.shown - one.answered for one in calm], 99),
        outcome_p50_ms=percentile_ms([one.shown - one.answered for one in accepted], 50),
        outcome_p99_ms=percentile_ms([one.shown - one.answered for one in accepted], 99),
        accepted_p99_ms=percentile_ms([one.answered - one.due for one in accepted], 99),
        refused_p99_ms=percentile_ms([one.answered - one.due for one in refused], 99),
        probes_late_p99_ms=percentile_ms([one.left - one.due for one in amid], 99),
        crowd_late_ms=told.late_ms,
        normal_again_s=last_slow - ended,
        grown_mb=grown_mb(memory),
        memory_mb=memory[-1],
        broken=broken,
    )


def grown_mb(memory: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return by how much each program grew from the middle sample to the last; of those that run at both."""
    half, last = memory[len(memory) // 2], memory[-1]
    return {name: last[name] - half[name] for name in last.keys() & half.keys()}


def _normal(one: Probe) -> bool:
    return one.status == ACCEPTED and one.shown - one.due < NORMAL_MS / 1000


def rows(found: Overloaded) -> list[Row]:
    """Return the table's rows."""
    most = max(found.grown_mb, key=lambda name: found.grown_mb[name])
    return [
        Row(
            f"offered, against the {found.sustainable_per_s:,.0f}/s that can be sustained",
            f"≥ {TIMES} times",
            f"{found.offered_per_s / found.sustainable_per_s:.1f} times ({found.offered_per_s:,.0f}/s), of which "
            f"{found.accepted_per_s:,.0f}/s are accepted",
            found.offered_per_s >= TIMES * found.sustainable_per_s * 0.95,
        ),
        Row(
            "accepted to outcome shown, p99",
            f"≤ {OUTCOME_MS:,} ms",
            f"{found.outcome_p99_ms:,.0f} ms (p50 {found.outcome_p50_ms:,.0f}); calm {found.calm_outcome_p99_ms:,.0f}",
            found.outcome_p99_ms <= OUTCOME_MS,
        ),
        Row(
            "click to 202, p99; to a refusal, p99",
            f"≤ {QUICK_MS:,} ms",
            f"{found.accepted_p99_ms:,.0f}; {found.refused_p99_ms:,.0f} ms",
            max(found.accepted_p99_ms, found.refused_p99_ms) <= QUICK_MS,
        ),
        Row(
            f"afterwards, until a booking is accepted and shown within {NORMAL_MS:,} ms again, and stays so",
            f"≤ {NORMAL_AGAIN_S} s",
            f"{found.normal_again_s:.1f} s",
            found.normal_again_s <= NORMAL_AGAIN_S,
        ),
        Row(
            "how much memory grew in the second half of the crowd",
            f"≤ {FLAT_MB} MB a program",
            f"at most {found.grown_mb[most]:.0f} MB ({most}, to {found.memory_mb[most]:.0f} MB)",
            found.grown_mb[most] <= FLAT_MB,
        ),
    ]


def notes(found: Overloaded) -> list[str]:
    """Return what a reader has to know of the figures."""
    answers = ", ".join(f"{count:,} times {what}" for what, count in found.answers.items() if count)
    late = (
        f"The crowd came up to {found.crowd_late_ms:,.0f} ms late, the probes {found.probes_late_p99_ms:,.0f} ms (p99)"
    )
    busy = found.probes_late_p99_ms > LATE_MS
    return [
        f"The crowd was answered {answers}.",
        f"{late}: the machine was too busy for these latencies to mean anything." if busy else f"{late}.",
        f"Latencies are those of {PROBES_PER_S} probes a second amid the crowd.",
        "The platform has one half of the processors, the crowd and the probes the other.",
    ]


def _memory(instance: Instance) -> dict[str, float]:
    return {name: processes.proportional_mb(state.pid) for name, state in instance.status().items() if state.pid}


def _audit(instance: Instance) -> list[str]:
    command = [sys.executable, "-m", "audit"]
    environment = {**os.environ, **instance.environment_of("audit")}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, timeout=_AUDITED_WITHIN_S, check=False)
    return [f"python -m audit ended with status {done.returncode}, see above"] if done.returncode else []


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
