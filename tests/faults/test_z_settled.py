"""Last of the faults, so that its wait overlaps theirs: who was told that the outcome is unknown gets to know it."""

from tests.frontrow import Frontrow

DECIDED = {"confirmed", "held", "rejected", "paying", "cancelled", "expired"}
"""What a booking may be by now that was decided; some of their clients went on with theirs."""
SETTLED_WITHIN_S = 60
"""The acceptance bound of 30 s, one idle tick of 10 s, and a projection, on a busy machine."""


def test_every_unknown_outcome_became_one_outcome_or_never_accepted(frontrow: Frontrow) -> None:
    assert frontrow.unknown, "the faults before this one leave some clients without an answer"
    for booking_id in frontrow.unknown:
        shown = frontrow.outcome(booking_id, within_s=SETTLED_WITHIN_S)
        assert shown["status"] in DECIDED or (shown["status"], shown["reason"]) == ("failed", "never_accepted")
