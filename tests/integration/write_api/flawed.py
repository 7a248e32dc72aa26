"""A write API whose producer's thread meets a bug when the process gets SIGUSR1; else it is ``python -m write_api``."""

import signal

from runtime.producer import Producer
from write_api.__main__ import main


class _BugError(Exception):
    pass


def _meet_it(_producer: Producer) -> None:
    raise _BugError


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: setattr(Producer, "_run_once", _meet_it))
    main()
