"""Answers on the log: what the provider said of an authorisation, as a command that the worker decides.

``cashier`` enters here. The command's id is derived, so that it may be sent until the log has it and counts once.
"""

from contracts.commands import SettlePayment, encode
from contracts.ids import settlement_id
from contracts.topics import COMMAND_ID_HEADER, KIND_HEADER, REQUEST_ID_HEADER
from payments.payment import Payment, Result
from runtime.producer import Producer


class Answers:
    """Puts them behind the booking's own commands, on its partition."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    async def tell(self, payment: Payment, result: Result, now_ms: int) -> None:
        """Return once the log has the command.

        Raises:
            NotHandedOverError, OutcomeUnknownError: it may not have it; telling it again is harmless.
        """
        command = SettlePayment(
            command_id=settlement_id(payment.booking_id, payment.attempt, result),
            booking_id=payment.booking_id,
            issued_at_ms=now_ms,
            keyed=True,  # derived, so never too late for the log
            attempt=payment.attempt,
            result=result,
        )
        await self._producer.send(
            payment.partition,
            payment.booking_id.encode(),
            encode(command),
            [
                (COMMAND_ID_HEADER, command.command_id),
                (REQUEST_ID_HEADER, command.request_id),
                (KIND_HEADER, command.kind),
            ],
        )
