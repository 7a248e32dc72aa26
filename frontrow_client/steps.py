"""Steps: a call as a generator that says what is to be done next and is told what came of it. No I/O, no clock.

``calls`` writes calls as steps, ``transports`` carries them out, at once or awaited: so there is one source for both
clients. httpx writes its authentication in the same way (``httpx.Auth.auth_flow``).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")

Params = Mapping[str, str | int | list[str]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent: ``json``, or ``content`` as it is. ``timeout_s``: how long to wait for the next bytes."""

    method: str
    path: str
    params: Params = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    content: bytes | None = None
    timeout_s: float = 5.0

    @property
    def changes(self) -> bool:
        """Whether it may change something, so that it matters whether it arrived."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``headers`` are found in any case, ``next_url`` is that of the ``Link`` header."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer. ``sent``: the request may have arrived."""

    sent: bool
    why: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Alone:
    """Do these steps while no other call of this client does steps of this kind."""

    steps: "Steps[None]"


@dataclass(frozen=True, slots=True)
class Listen:
    """Open the line on which an answer goes on, in the place of the one before; its ``Answer`` is told, or its loss.

    The request's ``timeout_s`` is how long the line may be silent before it counts as lost.
    """

    request: Request


@dataclass(frozen=True, slots=True)
class Hear:
    """Wait for more on the open line."""


@dataclass(frozen=True, slots=True)
class Heard:
    """More of the open line; no data at its end."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Tell(Generic[T]):
    """Give this to whoever follows the stream."""

    message: T


Reply = Answer | Lost | None
"""What a step is told: an answer or its loss after a request, nothing otherwise."""
Steps = Generator[Request | Pause | Alone, Reply, T_co]
Telling = Generator[Listen | Hear | Pause | Tell[T], Reply | Heard, None]
"""Steps of an answer that goes on: what they tell comes one by one, and the line is open meanwhile."""


def send(request: Request) -> "Steps[Answer | Lost]":
    """Send one request, once."""
    reply = yield request
    if reply is None:
        msg = "a request was told nothing"
        raise TypeError(msg)
    return reply


class Runs(Protocol):
    """Carries steps out at once."""

    def run(self, steps: "Steps[T]", /) -> T:
        """Return what they return."""
        ...


class RunsLater(Protocol):
    """Carries steps out when awaited."""

    def run(self, steps: "Steps[T]", /) -> Awaitable[T]:
        """Return what they will return."""
        ...


class Call(Generic[P, T]):
    """A method that is written as steps: a client that runs at once returns a ``T``, an async one an awaitable of it.

    Held by mypy, which reads the two signatures of ``__get__``, and by ``test_both_clients_have_the_same_calls``.
    """

    def __init__(self, steps: "Callable[Concatenate[Any, P], Steps[T]]") -> None:
        self._steps = steps
        self.__doc__ = steps.__doc__

    @overload
    def __get__(self, client: None, owner: type, /) -> "Call[P, T]": ...
    @overload
    def __get__(self, client: Runs, owner: type, /) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: RunsLater, owner: type, /) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, client: Any, owner: type, /) -> Any:
        if client is None:
            return self
        steps = self._steps

        @wraps(steps)
        def call(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - as the signatures above say
            return client.run(steps(client, *args, **kwargs))

        return call


class Tells(Protocol):
    """Carries a stream's steps out as it is iterated."""

    def tell(self, telling: "Telling[T]", /) -> Generator[T, None, None]:
        """Yield what they tell."""
        ...


class TellsLater(Protocol):
    """Carries a stream's steps out as it is iterated with ``async for``."""

    def tell(self, telling: "Telling[T]", /) -> AsyncGenerator[T, None]:
        """Yield what they will tell."""
        ...


class Stream(Generic[P, T]):
    """A method that is written as steps of a stream: an iterator, or an async one. Closing it ends the line."""

    def __init__(self, telling: "Callable[Concatenate[Any, P], Telling[T]]") -> None:
        self._telling = telling
        self.__doc__ = telling.__doc__

    @overload
    def __get__(self, client: None, owner: type, /) -> "Stream[P, T]": ...
    @overload
    def __get__(self, client: Tells, owner: type, /) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(self, client: TellsLater, owner: type, /) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, client: Any, owner: type, /) -> Any:
        if client is None:
            return self
        telling = self._telling

        @wraps(telling)
        def stream(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - as the signatures above say
            return client.tell(telling(client, *args, **kwargs))

        return stream
