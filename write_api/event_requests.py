"""Event requests: what an organiser sends becomes the commands of it, or all that is wrong with it, line by line.

``organising`` enters here, on a thread of its own: a body has up to 5 MB. Pure but for that.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from contracts import problems
from contracts.catalogue import folded
from contracts.event_commands import AddSeats, ChangeEvent, CreateEvent, Forgettable, PublishEvent
from contracts.organising import ChangeRequest, EventRequest, SeatMapRequest, SectionRequest
from runtime.problems import ProblemError
from write_api.lines import line_of
from write_api.requests import object_in, shown_name
from write_api.seat_files import SeatFile
from write_api.seat_maps import Block, PlannedSection, Wrong, blocks_of, planned

MAX_ERRORS: Final = 1_000
"""A seat map can be wrong in every line; more than these nobody mends at once."""
MAX_SLUG: Final = 40

_SENTENCES: Final = {"missing": "is required", "extra_forbidden": "is not a field of this call"}

M = TypeVar("M", bound=BaseModel)
Asked = Callable[[str], dict[str, Any]]
"""Takes the name of a command within its request; returns what all of them say: id, time, who asks."""


def read_json(model: type[M], body: bytes) -> M:
    """Return the request in a body; every field that is wrong is named with its line."""
    fields = object_in(body)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        found = [Wrong(tuple(item["loc"]), _sentence(item)) for item in error.errors(include_url=False)]
        raise wrong_json(body, found) from None


def read_event(body: bytes) -> tuple[EventRequest, list[PlannedSection]]:
    """Return the event in a body, and its seat map."""
    asked = read_json(EventRequest, body)
    return asked, _planned(asked.sections, body)


def read_seat_map(body: bytes) -> list[PlannedSection]:
    """Return the seat map in a JSON body."""
    return _planned(read_json(SeatMapRequest, body).sections, body)


def read_seat_file(body: bytes) -> list[PlannedSection]:
    """Return the seat map in a CSV body."""
    file = SeatFile()
    file.read(body)
    if file.wrong:
        errors = [
            {"field": str(column[0]) if column else "", "line": line, "message": message}
            for (line, *column), message in file.wrong
        ]
        raise _invalid(errors)
    return file.sections


def _planned(sections: Sequence[SectionRequest], body: bytes) -> list[PlannedSection]:
    plans, wrong = planned(sections)
    if wrong:
        raise wrong_json(body, wrong)
    return plans


def wrong_json(body: bytes, found: Sequence[Wrong]) -> ProblemError:
    """Return the problem of a JSON body in which this is wrong."""
    text = body.decode()
    return _invalid(
        [
            {
                "field": shown_name(".".join(map(str, where))),
                "line": line_of(text, where),
                "message": message,
            }
            for where, message in found[:MAX_ERRORS]
        ]
    )


def _invalid(errors: list[dict[str, Any]]) -> ProblemError:
    return ProblemError(
        problems.INVALID_REQUEST, f"{len(errors)} things are not what this call takes.", errors=errors[:MAX_ERRORS]
    )


def _sentence(item: Any) -> str:  # noqa: ANN401 - pydantic's own dictionary
    own = item.get("ctx", {}).get("error")  # a sentence of one of our models
    if own is not None:
        return str(own)
    return _SENTENCES.get(item["type"], str(item["msg"]))


def slug_of(name: str, ending: str) -> str:
    """Return an id for an event of this name: what of it can stand in an address, and ``ending``."""
    plain = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:MAX_SLUG].strip("-")
    return f"{plain or 'event'}-{ending}"


def creation(asked: EventRequest, event_id: str, said: Asked) -> CreateEvent:
    """Return the command that announces an event."""
    return CreateEvent(
        **said("create"),
        event_id=event_id,
        name=asked.name,
        event_kind=asked.kind,
        venue=asked.venue,
        time_zone=asked.time_zone,
        date=_utc(asked.date or asked.departure or ""),
        hold_seconds=asked.hold_seconds,
        focal_row=asked.focal_row,
        focal_offset=asked.focal_offset,
        description=asked.description,
        place=asked.place,
        max_seats_per_user=asked.max_seats_per_user,
        on_sale_at_ms=_ms(asked.on_sale_at),
        off_sale_at_ms=_ms(asked.off_sale_at),
        production_id=asked.production_id,
        production_name=asked.production_name,
        origin=asked.origin,
        destination=asked.destination,
        departure=_utc(asked.departure) if asked.departure else None,
        arrival=_utc(asked.arrival) if asked.arrival else None,
    )


def additions(plans: Sequence[PlannedSection], event_id: str, said: Asked) -> Iterator[AddSeats]:
    """Yield the commands that add an event's seats; they are made as they are taken."""
    for number, block in enumerate(blocks_of(plans)):
        yield _addition(number, block, event_id, said)


def _addition(number: int, block: Block, event_id: str, said: Asked) -> AddSeats:
    return AddSeats(
        **said(f"block:{number}"),
        event_id=event_id,
        block=number,
        section=block.section,
        rows=block.rows,
        price_minor=block.price_minor,
        currency=block.currency,
        accessible=block.accessible,
        general_admission=block.general_admission,
        category=block.category,
        priced=block.priced,
    )


def publication(blocks: int, event_id: str, said: Asked) -> PublishEvent:
    """Return the command that puts an event on sale once it has so many blocks."""
    return PublishEvent(**said("publish"), event_id=event_id, blocks=blocks)


def change(asked: ChangeRequest, event_id: str, said: Asked) -> ChangeEvent:
    """Return the command that changes an event; what is null goes, where an event can do without it."""
    given = {name: getattr(asked, name) for name in asked.model_fields_set}
    on_log = {
        {"on_sale_at": "on_sale_at_ms", "off_sale_at": "off_sale_at_ms"}.get(name, name): value
        for name, value in given.items()
    }
    gone = sorted(name for name, value in on_log.items() if value is None)
    stubborn = [name for name in gone if name not in FORGETTABLE]
    if stubborn:
        errors = [{"field": name, "message": "must not be null"} for name in stubborn]
        raise ProblemError(problems.INVALID_REQUEST, "An event cannot do without this.", errors=errors)
    times = {name: _utc(value) for name, value in on_log.items() if name in _MOMENTS and value is not None}
    sales = {name: _ms(value) for name, value in on_log.items() if name in _SALES and value is not None}
    rest = {name: value for name, value in on_log.items() if value is not None}
    return ChangeEvent(**said("change"), event_id=event_id, **{**rest, **times, **sales}, forget=gone)


def check_times(asked: EventRequest | ChangeRequest) -> None:
    """Raise the problem when times contradict each other, or are none: 30 February, say."""
    errors = []
    read: dict[str, datetime] = {}
    for name in ("date", "on_sale_at", "off_sale_at", "departure", "arrival"):
        text = getattr(asked, name)
        if text is not None:
            try:
                read[name] = _moment(text)
            except ValueError:
                errors.append({"field": name, "message": "is no moment of any calendar"})
    for earlier, later in (("on_sale_at", "off_sale_at"), ("departure", "arrival")):
        if earlier in read and later in read and read[earlier] >= read[later]:
            errors.append({"field": later, "message": f"must be after {earlier}"})
    if errors:
        raise ProblemError(problems.INVALID_REQUEST, "The times contradict each other.", errors=errors)


FORGETTABLE: Final = frozenset(get_args(Forgettable))
_MOMENTS: Final = ("date", "departure", "arrival")
_SALES: Final = ("on_sale_at_ms", "off_sale_at_ms")


def _moment(text: str) -> datetime:
    """Return the moment that a text says; ValueError where there is none, or none that the log could know."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:  # in UTC it is before the first year or after the last
        raise ValueError(text) from error
    if moment.year < 1970:  # noqa: PLR2004 - before the log's time began
        raise ValueError(text)
    return moment


def _utc(text: str) -> str:
    return _moment(text).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ms(text: str | None) -> int | None:
    return round(_moment(text).timestamp() * 1000) if text is not None else None
