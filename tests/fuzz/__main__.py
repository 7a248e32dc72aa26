"""``make fuzz``: made-up requests on a platform of its own, for a minute. Exit status 1 at the first wrong answer.

``SECONDS=`` for how long, ``SEED=`` plays a seed again. Rounds of a few requests of each call follow each other, each
with dice of its own, until the time is over; then everything that was accepted must hold.
"""

import argparse
import random
import sys
import time
from typing import Final

import httpx

from tests.e2e.who_may import World
from tests.frontrow import Frontrow
from tests.fuzz.fuzzing import OPERATIONS, Fuzz
from tests.own_instance import of_this_session
from tests.receiver import listening

EXAMPLES: Final = 10
"""Of each call in a round."""
SECONDS: Final = 60.0


def main() -> int:
    """Ask until the time is over; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}: SEED={arguments.seed} make fuzz", flush=True)
    with of_this_session() as instance, listening() as receiver:
        instance.start()
        with httpx.Client(base_url=instance.gateway_url, timeout=10) as client:
            frontrow = Frontrow(instance, client)
            world = World.of(frontrow, receiver)
            fuzz = Fuzz(world)
            until, number = time.monotonic() + arguments.seconds, 0
            while time.monotonic() < until:
                for call in OPERATIONS:
                    fuzz.play(call, EXAMPLES, arguments.seed + number)
                world.forget_webhooks()
                number += 1
            fuzz.close()
            frontrow.check_invariants()
    answers = ", ".join(f"{count} times {status}" for status, count in sorted(fuzz.statuses.items()))
    print(
        f"seed {arguments.seed}: {fuzz.asked} requests in {number} rounds, answered {answers}; nothing wrong",
        flush=True,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
