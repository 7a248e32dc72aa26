"""Announce: puts halls of distinct seats on sale, through the log like every event.

The benchmark enters with ``announce``; ``against`` runs this file with another commit's environment, whose own commands
it then makes. So it uses of the other rooms only what commits since the first benchmark have: ``Backlog``, ``Hall``,
``Appender``.
"""

import os
import sys
import time
from itertools import chain

from contracts.ids import IdMint
from loadtest.bench.backlog import Backlog, Hall
from loadtest.bench.log import Appender


def announce(bootstrap: str, topic: str, partitions: int, halls: list[Hall]) -> None:
    """Append what announces these halls. Their command ids are nobody's: whoever asks for them gets 404."""
    backlog = Backlog(IdMint({1: os.urandom(32)}, 1), partitions, lambda: time.time_ns() // 1_000_000, os.urandom)
    Appender(bootstrap, topic, partitions).append(chain.from_iterable(map(backlog.announce, halls)))


def main() -> None:
    """Announce as the arguments say: bootstrap, topic, partitions, prefix of the event ids, halls, seats a hall."""
    bootstrap, topic, partitions, prefix, halls, seats = sys.argv[1:]
    announce(bootstrap, topic, int(partitions), [Hall(f"{prefix}{number}", int(seats)) for number in range(int(halls))])


if __name__ == "__main__":
    main()
