"""Metrics of write_api: what the senders of commands were told."""

from typing import Final

from prometheus_client import Counter

_COMMANDS: Final = Counter("frontrow_write_api_commands_total", "Commands by what their sender was told", ["result"])

accepted: Final = _COMMANDS.labels("accepted")
log_unavailable: Final = _COMMANDS.labels("log_unavailable")
outcome_unknown: Final = _COMMANDS.labels("outcome_unknown")
overloaded: Final = _COMMANDS.labels("overloaded")
