"""The checker complains of every notice that was not told, and of every one that had no reason."""

from audit.findings import Findings, Invariant
from audit.telling import LOOK_BACK_DAYS, TELLINGS, Telling, compare
from webhooks.deliveries import KEEP_DELIVERED_DAYS


def test_what_was_told_as_it_should_be_is_fine_and_the_rest_is_named() -> None:
    findings = Findings()
    compare(
        [
            Telling("wh_1", "booking.confirmed", "745-1", expected=True, there=True),
            Telling("wh_1", "booking.confirmed", "745-2", expected=True, there=False),
            Telling("wh_2", "event.sold_out", "745-3", expected=False, there=True),
        ],
        findings,
    )
    assert findings.checked[Invariant.TOLD] == 3
    assert [violation.sentence for violation in findings.violations] == [
        "wh_1 was not told of booking.confirmed at 745-2",
        "wh_2 was told of event.sold_out at 745-3, where there was none",
    ]


def test_it_looks_back_for_less_long_than_deliveries_are_kept() -> None:
    assert LOOK_BACK_DAYS < KEEP_DELIVERED_DAYS
    assert TELLINGS.count(f"interval '{LOOK_BACK_DAYS} days'") == TELLINGS.count("interval") == 3
