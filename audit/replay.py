"""Replay: decides the log anew with the worker's own rules, in memory, one message at a time.

The rules and the reading of messages are the worker's; everything around them (batches, locks, SQL, retries) is not
used here, and that is the point: what it did must not show in any outcome.
"""

from audit.former import Former
from audit.history import LedgerOutcome, Message
from audit.invariants import Replayed
from contracts.commands import BookingCommand, BookSeats, Command, Tick
from contracts.outcomes import RULES_VERSION, Reason
from worker.deciding import State, state_of
from worker.decisions import Decision, Unreadable
from worker.entries import read, unreadable
from worker.life_cycle import Effect
from worker.rules import LAST_TIME_MS


class RulesReplay:
    """Holds every event's seat map, each partition's time and all command ids and booking requests seen, so its memory
    grows with the log's ids and seats, not with its messages."""  # noqa: D205, D209 - one sentence of bounds

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self.state = State()
        """All that is known; ``audit.auditor`` puts what one message needs in its place."""
        self._log_time_ms: dict[int, int] = {}
        self._former = Former()

    def begin_after(self, former: Former) -> None:
        """Decide nothing that rests on ``former`` logs; it may grow."""
        self._former = former

    def apply(self, message: Message) -> Replayed:
        """Return what the ledger must hold for this message."""
        return self.decide(message, self.read(message))

    def read(self, message: Message) -> Command | Tick | None:
        """Return what a message says, None when it is no command."""
        return read(message.value, message.partition, self._partitions)

    def time_at(self, message: Message) -> int:
        """Return the log's time at a message, which is the next one of its partition."""
        return max(self._log_time_ms.get(message.partition, 0), message.log_time_ms)

    def decide(self, message: Message, command: Command | Tick | None) -> Replayed:
        """Return what the ledger must hold for this message, which says ``command``."""
        now_ms = self._log_time_ms[message.partition] = self.time_at(message)
        if isinstance(command, Tick):
            ended = self.state.tick(message.partition, now_ms)
            return Replayed(tuple(_outcome(expiry, decision, message, now_ms) for expiry, decision in ended))
        if command is None:
            poison = unreadable(message.key, message.headers, "replayed")
            if poison.command_id in self._former.ids:
                return Replayed(rests_on_former=poison.command_id, dead_letter=True)
            return Replayed(self._decide(poison, message, now_ms), dead_letter=True)
        if self._former.has(command):
            return Replayed(rests_on_former=command.command_id)
        try:
            return Replayed(self._decide(command, message, now_ms))
        except Exception:  # noqa: BLE001 - the worker gives up such a command, and goes on (PoisonError)
            self.state.decided.discard(command.command_id)
            event_id = "" if isinstance(command, BookingCommand) else command.event_id
            poison = Unreadable(command.command_id, command.kind, event_id, "the rules raised")
            return Replayed(self._decide(poison, message, now_ms), dead_letter=True)

    def _decide(self, command: Command | Unreadable, message: Message, now_ms: int) -> tuple[LedgerOutcome, ...]:
        decision = self.state.decide(command, message.partition, now_ms)
        if decision is None:
            return ()
        effects = (_outcome(effect, other, message, now_ms) for effect, other in decision.effects)
        return (*effects, _outcome(command, decision, message, now_ms))


def _outcome(
    command: Command | Unreadable | Effect, decision: Decision, message: Message, now_ms: int
) -> LedgerOutcome:
    request = command if isinstance(command, BookSeats) else None
    # A time that nobody can have meant is not kept; the log's own stands in for it.
    issued_at_ms = -1 if isinstance(command, Unreadable | Effect) else command.issued_at_ms
    if isinstance(command, BookingCommand):
        event_id = decision.booking.event_id if decision.booking else ""
    else:
        event_id = command.event_id
    seat_ids = decision.seat_ids or (request.seat_ids if request else ())
    return LedgerOutcome(
        command_id=command.command_id or "",
        kind=command.kind,
        event_id=event_id,
        principal=request.principal if request and decision.reason is not Reason.UNPROCESSABLE else None,
        status=decision.status.value,
        reason=decision.reason.value if decision.reason else None,
        seat_ids=seat_ids,
        conflicts=decision.conflicts,
        changes=decision.changes,
        log_partition=message.partition,
        log_offset=message.offset,
        requested_at_ms=issued_at_ms if 0 <= issued_at_ms <= LAST_TIME_MS else now_ms,
        decided_at_ms=now_ms,
        rules_version=RULES_VERSION,
        booking_id=command.booking_id if isinstance(command, BookingCommand | Effect) else None,
        booking=state_of(decision, seat_ids),
        payment=decision.payment,
    )
