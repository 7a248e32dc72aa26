"""Replay: decides the log anew with the worker's own rules, in memory, one message at a time.

The rules and the reading of messages are the worker's; everything around them (batches, locks, SQL, retries) is not
used here, and that is the point: what it did must not show in any outcome.
"""

from audit.history import LedgerOutcome, Message
from audit.invariants import Replayed
from contracts.commands import BookSeats, Command, Tick
from contracts.outcomes import RULES_VERSION, Reason
from worker.entries import read, unreadable
from worker.rules import LAST_TIME_MS, Hall, Unreadable, apply, decide


class RulesReplay:
    """Holds every event's seat map, each partition's time and all command ids seen, so its memory grows with the log's
    ids and seats, not with its messages."""  # noqa: D205, D209 - one sentence of bounds

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._halls: dict[str, Hall] = {}
        self._log_time_ms: dict[int, int] = {}
        self._decided: set[str] = set()

    def apply(self, message: Message) -> Replayed:
        """Return what the ledger must hold for this message."""
        now_ms = max(self._log_time_ms.get(message.partition, 0), message.log_time_ms)
        self._log_time_ms[message.partition] = now_ms
        command = read(message.value, message.partition, self._partitions)
        if isinstance(command, Tick):
            return Replayed()
        if command is None:
            poison = unreadable(message.key, message.headers, "replayed")
            return Replayed(self._decide(poison, message, now_ms), dead_letter=True)
        try:
            return Replayed(self._decide(command, message, now_ms))
        except Exception:  # noqa: BLE001 - the worker gives up such a command, and goes on (PoisonError)
            self._decided.discard(command.command_id)
            poison = Unreadable(command.command_id, command.kind, command.event_id, "the rules raised")
            return Replayed(self._decide(poison, message, now_ms), dead_letter=True)

    def _decide(self, command: Command | Unreadable, message: Message, now_ms: int) -> LedgerOutcome | None:
        if command.command_id is None or command.command_id in self._decided:
            return None
        self._decided.add(command.command_id)
        hall = self._halls.get(command.event_id)
        if hall is None:
            hall = self._halls[command.event_id] = Hall()
        decision = decide(hall, command, now_ms)
        apply(hall, command, decision)
        booking = command if isinstance(command, BookSeats) else None
        # A time that nobody can have meant is not kept; the log's own stands in for it.
        issued_at_ms = -1 if isinstance(command, Unreadable) else command.issued_at_ms
        return LedgerOutcome(
            command_id=command.command_id,
            kind=command.kind,
            event_id=command.event_id,
            principal=booking.principal if booking and decision.reason is not Reason.UNPROCESSABLE else None,
            status=decision.status.value,
            reason=decision.reason.value if decision.reason else None,
            seat_ids=booking.seat_ids if booking else (),
            conflicts=decision.conflicts,
            changes=decision.changes,
            log_partition=message.partition,
            log_offset=message.offset,
            requested_at_ms=issued_at_ms if 0 <= issued_at_ms <= LAST_TIME_MS else now_ms,
            decided_at_ms=now_ms,
            rules_version=RULES_VERSION,
        )
