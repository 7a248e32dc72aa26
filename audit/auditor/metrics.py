"""Metrics of the auditor, by the names that dashboards and alerts know."""

from typing import Final

from prometheus_client import Counter, Gauge

MESSAGES: Final = Counter("frontrow_audit_messages_total", "Messages of the log that were proved")
ROWS: Final = Counter("frontrow_audit_swept_rows_total", "Rows and documents that the rounds have looked at")
ROUNDS: Final = Counter("frontrow_audit_rounds_total", "Rounds through everything that came to their end")
BEGINNINGS: Final = Counter(
    "frontrow_audit_beginnings_total", "Times that all was forgotten and proved anew", ["cause"]
)
VIOLATIONS: Final = Gauge("frontrow_audit_violations", "Violations that are known now; anything but 0 wants a person")
BEHIND: Final = Gauge("frontrow_audit_behind_messages", "Messages that are decided and not yet proved")
UNDECIDED: Final = Gauge("frontrow_audit_oldest_undecided_seconds", "Age of the oldest request that is not decided")
UNPROJECTED: Final = Gauge("frontrow_audit_oldest_unprojected_seconds", "Age of the oldest change that is not shown")
LAST_PROOF: Final = Gauge("frontrow_audit_last_full_proof_timestamp_seconds", "When all was last proved, 0: never")
PROOF_SECONDS: Final = Gauge("frontrow_audit_full_proof_seconds", "How long the last full proof took")
