"""Load: ``load``, a scenario against the Frontrow of this machine, for a while, with a progress bar and a table.

Who wants to see it work hard enters here; ``make load`` in a checkout measures more and proves the invariants. It sends
load to this machine alone, and gives back what it booked.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, NamedTuple
from urllib.parse import urlsplit

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from frontrow_cli import showing
from frontrow_cli.arguments import EventId
from frontrow_cli.exits import Exit
from frontrow_cli.visit import UsageError, Visit
from frontrow_client import (
    AsyncClient,
    Booking,
    ConflictError,
    FrontrowError,
    OutcomeUnknownError,
    Patience,
    UnreachableError,
)

MOST_PEOPLE: Final = 200
MOST_SECONDS: Final = 300
"""A demonstration, not a test of endurance."""
PATIENCE: Final = Patience(within_s=10.0)
TOLD_EVERY_S: Final = 0.2
HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Scenario(StrEnum):
    """What people do."""

    LOOK = "look"
    BOOK = "book"
    RUSH = "rush"


class Unanswered(NamedTuple):
    """A request to book that may have been accepted; the same under the same key tells which booking it is."""

    seats: list[str]
    user_id: str
    key: str


@dataclass(slots=True)
class Figures:
    """What was done: how it ended, how often, and how long each took."""

    ends: Counter[str] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)
    booked: list[Booking] = field(default_factory=list)
    undecided: list[Booking] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    kept: Counter[type[FrontrowError]] = field(default_factory=Counter)
    """What could not be given back: how often, by what went wrong."""

    def percentile_ms(self, share: float) -> float:
        """Return below what so large a share of the times was."""
        ordered = sorted(self.took_s)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def as_document(self, seconds: float) -> dict[str, object]:
        """Return all of it as JSON has it."""
        return {
            "requests": sum(self.ends.values()),
            "per_second": round(sum(self.ends.values()) / seconds, 1),
            "ends": dict(self.ends.most_common()),
            "p50_ms": round(self.percentile_ms(0.5), 1),
            "p95_ms": round(self.percentile_ms(0.95), 1),
            "p99_ms": round(self.percentile_ms(0.99), 1),
            "booked": len(self.booked),
        }


def load(
    visit: Visit,
    event_id: EventId,
    scenario: Annotated[
        Scenario, typer.Option(help="look: read the map; book: any free seat; rush: all want the same seats.")
    ] = Scenario.BOOK,
    people: Annotated[int, typer.Option(min=1, max=MOST_PEOPLE, help="So many at once.")] = 20,
    seconds: Annotated[int, typer.Option(min=1, max=MOST_SECONDS, help="For so long.")] = 10,
    keep: Annotated[bool, typer.Option("--keep", help="Do not give back what was booked.")] = False,
) -> Exit:
    """Run a scenario against the Frontrow of this machine."""
    if urlsplit(visit.settings.url).hostname not in HERE:
        msg = f"Load is sent to this machine alone, and {visit.settings.url} is another one."
        raise UsageError(msg)
    event = visit.client.event(event_id)
    free = [seat.seat_id for seat in event.seats or [] if seat.status == "available"]
    if scenario is not Scenario.LOOK and not free:
        msg = f"{event_id} has no free seat that has a number: choose another event."
        raise UsageError(msg)
    figures = Figures()
    try:
        asyncio.run(_run(visit, event_id, scenario, free, figures, people=people, seconds=seconds, keep=keep))
        visit.printer.document(figures.as_document(seconds))
        visit.printer.show(_table(figures, seconds), _times(figures))
    finally:
        # After Ctrl-C too: what was kept is in the way of others.
        for why, count in figures.kept.items():
            visit.printer.note(f"{count:,} could not be given back: {_name(why)}.")
    if not figures.ends:
        return Exit.UNAVAILABLE
    return Exit.OK if set(figures.ends) <= {"read", "confirmed", "held", "rejected"} else Exit.UNAVAILABLE


async def _run(
    visit: Visit,
    event_id: str,
    scenario: Scenario,
    free: list[str],
    figures: Figures,
    *,
    people: int,
    seconds: int,
    keep: bool,
) -> None:
    dice = random.Random()  # noqa: S311 - dice of load are no secrets
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    quiet = visit.printer.as_json or not visit.printer.err.is_terminal
    async with AsyncClient(visit.settings.url, patience=PATIENCE) as client:

        async def act(user_id: str) -> None:
            began = time.monotonic()
            if scenario is Scenario.LOOK:
                await client.event(event_id)
                figures.ends["read"] += 1
            else:
                seats = free[:1] if scenario is Scenario.RUSH else [dice.choice(free)]
                try:
                    booking = await client.book(event_id, seats=seats, user_id=user_id)
                except OutcomeUnknownError as unknown:
                    figures.unanswered.append(Unanswered(seats, user_id, unknown.key))
                    raise
                _note(figures, booking)
            figures.took_s.append(time.monotonic() - began)

        with Progress(*columns, console=visit.printer.err, transient=True, disable=quiet) as bar:
            running = bar.add_task(f"{scenario}, {people} people", total=seconds)
            until, over = time.monotonic() + seconds, asyncio.Event()
            crowd = [asyncio.create_task(_person(f"load-{n}", act, over, figures)) for n in range(people)]
            try:
                while (left_s := until - time.monotonic()) > 0:
                    bar.update(running, completed=int(seconds - left_s))
                    await asyncio.sleep(min(TOLD_EVERY_S, left_s))
            finally:
                # Who is amid a request hears its answer first, also after Ctrl-C: it may be a booking.
                over.set()
                ends = await asyncio.gather(*crowd, return_exceptions=True)
                if not keep:
                    bar.update(running, visible=False)
                    await _give_back(client, event_id, figures, bar)
            for error in filter(None, ends):
                raise error


async def _give_back(client: AsyncClient, event_id: str, figures: Figures, bar: Progress) -> None:
    """Cancel what was booked, and what may be still; one that cannot be does not keep the others."""
    given: list[Booking | Unanswered] = [*figures.booked, *figures.undecided, *figures.unanswered]
    giving = bar.add_task("giving back", total=len(given), visible=bool(given))
    for done, one in enumerate(given):
        try:
            await _give_one_back(client, event_id, one)
        except UnreachableError as error:
            figures.kept[type(error)] += len(given) - done
            return
        except FrontrowError as error:
            figures.kept[type(error)] += 1
        bar.advance(giving)


async def _give_one_back(client: AsyncClient, event_id: str, one: Booking | Unanswered) -> None:
    """Cancel a booking; what a request became is found by its key.

    A request that never arrived is a booking now, and its cancellation stands behind it on the log.
    """
    booking = one
    if isinstance(booking, Unanswered):
        booking = await client.book(event_id, seats=booking.seats, user_id=booking.user_id, key=booking.key, wait_s=0)
    if booking.decided and not booking.has_seats:
        return
    try:
        await client.cancel(booking.booking_id, wait_s=0)
    except ConflictError:
        if booking.decided:
            raise  # otherwise it was refused meanwhile: there is nothing to give back


async def _person(user_id: str, act: Callable[[str], Awaitable[None]], over: asyncio.Event, figures: Figures) -> None:
    """Do the same again and again."""
    while not over.is_set():
        try:
            await act(user_id)
        except FrontrowError as error:
            figures.ends[_name(type(error))] += 1


def _name(error: type[FrontrowError]) -> str:
    return error.__name__.removesuffix("Error")


def _note(figures: Figures, booking: Booking) -> None:
    figures.ends[booking.status] += 1
    if booking.has_seats:
        figures.booked.append(booking)
    elif not booking.decided:
        figures.undecided.append(booking)


def _table(figures: Figures, seconds: int) -> Table:
    made = showing.table("ended", "how often", "a second", right={"how often", "a second"})
    for end, count in figures.ends.most_common():
        made.add_row(end, f"{count:,}", f"{count / seconds:,.1f}")
    return made


def _times(figures: Figures) -> str:
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return "From click to outcome: " + ", ".join(
        f"{name} {figures.percentile_ms(share):.0f} ms" for name, share in shares.items()
    )
