"""Apart: work in a process of its own beside the benchmark's, so that neither slows the other; asked through a pipe.

``observers``, ``probes`` and ``streams`` enter here. What runs there gets its end of the pipe first, says something
once it is ready, and answers each question once. It is ended with the block, whatever it does then.
"""

import multiprocessing
from collections.abc import Callable
from typing import Any, Final, Self

READY_WITHIN_S: Final = 20.0


class Apart:
    """A context manager around the process that runs ``work``, with these arguments behind the pipe."""

    def __init__(self, work: Callable[..., None], *arguments: object, ready_within_s: float = READY_WITHIN_S) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=work, args=(there, *arguments), daemon=True)
        self._name = work.__name__
        self._ready_within_s = ready_within_s

    def __enter__(self) -> Self:
        self._process.start()
        try:
            self._hear(self._ready_within_s)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def ask(self, question: object, within_s: float) -> Any:  # noqa: ANN401 - what the work answers
        """Return what it says to a question.

        Raises:
            TimeoutError: it says nothing in time.
            EOFError: it has ended.
        """
        self._here.send(question)
        return self._hear(within_s)

    def _hear(self, within_s: float) -> Any:  # noqa: ANN401 - what the work says
        if not self._here.poll(within_s):
            msg = f"{self._name} said nothing within {within_s:g} s"
            raise TimeoutError(msg)
        return self._here.recv()
