"""The checker: a history and the evidence go in, sentences about what cannot have happened come out. Pure.

``check`` is what must hold at every moment, ``unsettled`` what must hold once everything has had its time: who calls it
asks again until then. People, money and deliveries have checkers of their own, which are entered from here.

It shares no line with the worker's rules or with ``audit``, which replays them: it knows what clients were told and a
few plain facts about seats. Its words are Jepsen's: lost, invented, doubled; and our own: out of order, sold twice,
refused wrongly, shown backwards. ``tests/unit/faults`` feeds each a history that breaks it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tests.faults.run import money_checker, people_checker, telling_checker
from tests.faults.run.evidence import HAS_SEATS, Entry, Evidence, Outcome
from tests.faults.run.history import History, Operation, Result

_BY_OTHERS = frozenset({"create_event", "add_seats", "publish_event", "settle_payment"})
"""Commands that no client of the history sends: those that make its halls, and what payments have to say."""
_SALE = {"publish_event": "open", "open_sale": "open", "close_sale": "closed", "cancel_event": "cancelled"}
"""What a command that was done makes of a sale; a cancelled one stays so."""
_NO_SALE = {"sale_closed": "closed", "event_cancelled": "cancelled", "sale_not_open": "", "unknown_event": ""}
"""What a sale must have been for a refusal to be right."""

_CALLED_OFF = ("cancel_event", "done")

GIVEN_UP_WITHIN_S: Final = 10.0
"""A producer gives a message up after eight seconds (``runtime.kafka``) and begins a new epoch; what was on its way
with it is sent again, and the log may have had it. That is near a message whose outcome its client does not know."""

Found = Iterator[str]


def check(history: History, evidence: Evidence) -> list[str]:
    """Return one sentence for each thing that cannot have happened."""
    operations = history.so_far()
    sent = {operation.request_id: operation for operation in operations if operation.writes}
    return [
        *_the_log(sent, evidence.log, history.repeated),
        *_the_outcomes(sent, evidence),
        *_in_order(sent, evidence.log),
        *_sold_once(evidence),
        *_sold_while_open(evidence),
        *_told_rightly(operations, evidence),
        *_never_backwards(operations),
        *_one_booking_a_key(operations),
        *_no_bugs(operations),
        *people_checker.check(operations, history.restored_at),
        *telling_checker.invented(evidence),
    ]


def unsettled(history: History, evidence: Evidence) -> list[str]:
    """Return one sentence for each thing that is not at rest, or is so wrongly."""
    return [*money_checker.check(history.prices, evidence), *_cleared(evidence)]


def _the_log(sent: dict[str, Operation], log: Sequence[Entry], repeated: set[str]) -> Found:
    """Hold what clients know of their commands against the log."""
    times = {entry.request_id: 0 for entry in log}
    named = defaultdict(list)
    given_up = [operation.began for operation in sent.values() if operation.result is Result.UNKNOWN]
    for (request_id, command_id), count in Counter((entry.request_id, entry.command_id) for entry in log).items():
        times[request_id] = max(times[request_id], count)
        named[request_id].append(command_id)
    for request_id, count in times.items():
        operation = sent.get(request_id)
        if operation is None:
            yield f"invented: the log has {request_id}, which nobody sent"
        elif operation.result is Result.REFUSED:
            yield f"invented: {_name(operation)} was refused with {operation.told}, and is on the log"
        elif count > 1 and request_id not in repeated and not _near(operation.began, given_up):
            yield f"doubled: {_name(operation)} is on the log {count} times"
    for request_id, operation in sent.items():
        if operation.result is not Result.OK:
            continue
        if request_id not in times:
            yield f"lost: {_name(operation)} was accepted and is not on the log"
        elif operation.command_id not in named[request_id]:
            yield f"lost: {_name(operation)} was told {operation.command_id}, and the log has {named[request_id]}"


def _near(moment: float, others: Sequence[float]) -> bool:
    return any(abs(moment - other) <= GIVEN_UP_WITHIN_S for other in others)


def _the_outcomes(sent: dict[str, Operation], evidence: Evidence) -> Found:
    """Every command has one outcome, and every outcome its command."""
    decided = Counter(outcome.command_id for outcome in evidence.outcomes if outcome.command_id)
    ours = {entry.command_id: entry.request_id for entry in evidence.log}
    for command_id in ours:
        if decided[command_id] != 1:
            yield f"{'lost' if not decided[command_id] else 'doubled'}: {command_id} has {decided[command_id]} outcomes"
    for outcome in evidence.outcomes:
        if outcome.command_id is None:
            continue
        if outcome.command_id not in ours:
            if outcome.kind not in _BY_OTHERS:
                yield f"invented: {outcome.command_id} has an outcome, and nobody sent it"
        elif outcome.status == "failed" and _was_accepted(sent.get(ours[outcome.command_id])):
            yield f"lost: {outcome.command_id} was accepted, and failed as {outcome.reason}"


def _was_accepted(operation: Operation | None) -> bool:
    return operation is not None and operation.result is Result.OK


def _in_order(sent: dict[str, Operation], log: Sequence[Entry]) -> Found:
    """First come, first served: what was acknowledged before another was sent lies before it on their partition."""
    by_partition: dict[int, list[tuple[float, int, int, Operation]]] = defaultdict(list)
    seen = set()
    for entry in log:
        operation = sent.get(entry.request_id)
        if operation is None or operation.result is not Result.OK or entry.request_id in seen:
            continue
        seen.add(entry.request_id)
        by_partition[entry.partition] += [
            (operation.began, 1, entry.offset, operation),
            (operation.ended, 0, entry.offset, operation),
        ]
    for moments in by_partition.values():
        last, before = -1, None
        for _at, began, offset, operation in sorted(moments, key=lambda moment: moment[:3]):
            if not began and offset > last:
                last, before = offset, operation
            elif began and before is not None and offset < last:
                yield f"out of order: {_name(operation)} was sent after {_name(before)} was accepted, yet is first"


def _sold_once(evidence: Evidence) -> Found:
    """Give every seat away and back as the outcomes say, and see that nobody gets what another has."""
    owners: dict[tuple[str, str], str] = {}
    had: dict[str, frozenset[str]] = {}
    for outcome in evidence.outcomes:
        yield from _refused_rightly(outcome, owners)
        subject, kept = _what_is_kept(outcome)
        if kept is None:
            continue
        for seat_id in had.get(subject, frozenset()) - kept:
            if owners.get((outcome.event_id, seat_id)) == subject:
                del owners[outcome.event_id, seat_id]
        had[subject] = kept
        for seat_id in kept:
            owner = owners.setdefault((outcome.event_id, seat_id), subject)
            if owner != subject:
                yield f"sold twice: seat {seat_id} of {outcome.event_id} is {owner}'s, and given to {subject}"
    for seat in owners.keys() | evidence.seats.keys():
        if owners.get(seat) != evidence.seats.get(seat):
            yield f"lost: seat {seat} is {owners.get(seat)}'s by the outcomes, not {evidence.seats.get(seat)}'s"


def _refused_rightly(outcome: Outcome, owners: dict[tuple[str, str], str]) -> Found:
    if outcome.reason != "seat_taken":
        return
    if not outcome.conflicts:
        yield f"refused wrongly: {outcome.command_id} names no seat that is taken"
    for seat_id in outcome.conflicts:
        if (outcome.event_id, seat_id) not in owners:
            yield f"refused wrongly: {outcome.command_id} for {seat_id}, which was free at its place in the log"


def _what_is_kept(outcome: Outcome) -> tuple[str, frozenset[str] | None]:
    """Return whose seats an outcome is about, and which are theirs from now on; None when it changes none."""
    subject, status, seat_ids = outcome.becomes
    return subject, frozenset(seat_ids if status in HAS_SEATS else ()) if status else None


def _sold_while_open(evidence: Evidence) -> Found:
    """Walk through each event's outcomes, and hold every booking against what its organiser had said by then."""
    sale: dict[str, str] = {}
    for outcome in evidence.outcomes:
        state = sale.get(outcome.event_id, "")
        if outcome.kind in _SALE and outcome.status == "done" and state != "cancelled":
            sale[outcome.event_id] = _SALE[outcome.kind]
        elif outcome.kind != "book_seats" or outcome.booking_id is not None:
            continue
        elif outcome.status in HAS_SEATS and state != "open":
            yield f"sold wrongly: {outcome.command_id} at {outcome.event_id}, whose sale was {state or 'not begun'}"
        elif outcome.reason in _NO_SALE and state != _NO_SALE[outcome.reason]:
            yield f"refused wrongly: {outcome.command_id} as {outcome.reason}, and the sale was {state or 'not begun'}"


def _cleared(evidence: Evidence) -> Found:
    """Nobody has a seat of an event that was called off, in the end."""
    gone = {outcome.event_id for outcome in evidence.outcomes if (outcome.kind, outcome.status) == _CALLED_OFF}
    for (event_id, seat_id), owner in evidence.seats.items():
        if event_id in gone:
            yield f"stuck: {event_id} was called off, and {owner} still has {seat_id}"


def _told_rightly(operations: Iterable[Operation], evidence: Evidence) -> Found:
    """A booking that is shown is one that it was, at some time."""
    states: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for outcome in evidence.outcomes:
        if outcome.kind == "book_seats" and outcome.command_id is not None:
            states[outcome.command_id].add((outcome.status, 1))
        if outcome.booking_id is not None and outcome.booking is not None:
            states[outcome.booking_id].add((outcome.booking["status"], outcome.booking["version"]))
    for operation in operations:
        told = operation.told, operation.version
        if operation.result is not Result.OK or not operation.version or operation.kind == "read event":
            continue
        if told not in states[operation.command_id]:
            yield f"invented: {_name(operation)} was shown {operation.command_id} as {told}, which it never was"


def _never_backwards(operations: Iterable[Operation]) -> Found:
    """Who asks for a booking after another was answered sees it no younger."""
    asked: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.kind == "read booking" and operation.result is Result.OK:
            asked[operation.command_id].append(operation)
    for booking_id, reads in asked.items():
        ended = sorted(reads, key=lambda read: read.ended)
        newest, index = 0, 0
        for read in sorted(reads, key=lambda read: read.began):
            while index < len(ended) and ended[index].ended < read.began:
                newest = max(newest, ended[index].version)
                index += 1
            if read.version < newest:
                yield f"shown backwards: {booking_id} at version {read.version} after {newest}"


def _one_booking_a_key(operations: Iterable[Operation]) -> Found:
    named: dict[str, set[str]] = defaultdict(set)
    for operation in operations:
        if operation.key and operation.result is Result.OK:
            named[operation.key].add(operation.command_id)
    for key, ids in named.items():
        if len(ids) > 1:
            yield f"doubled: key {key} was told {sorted(ids)}"


def _no_bugs(operations: Iterable[Operation]) -> Found:
    for operation in operations:
        if operation.told.startswith(("internal", "no document", "no problem")):
            yield f"a bug: {_name(operation)} was answered {operation.told}"


def _name(operation: Operation) -> str:
    return f"{operation.kind} {operation.request_id}"
