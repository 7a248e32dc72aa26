"""The money: what is right is not complained of, and each way in which it can be wrong is."""

from dataclasses import replace

import pytest

from audit.findings import Findings, Invariant
from audit.money import UNDER_WAY_MS, Intent, Money, Paid, Standing, compare
from contracts.outcomes import BookingStatus

PRICES = {"A1": 1_500, "A2": 900}
PAID = Paid("bk_1", 1, PRICES, 3, 0, has_more_to_do=False, intent_id="pi_1", captured_minor=2_400, refunded_minor=0,
            status="succeeded")  # fmt: skip
INTENT = Intent("pi_1", "bk_1", 1, "succeeded", 2_400, 0)
CONFIRMED = Standing(BookingStatus.CONFIRMED, 1, ("A1", "A2"), 3)
RIGHT = Money({"bk_1": CONFIRMED}, [("bk_1", 1)], [PAID], {"pi_1": INTENT})


def complaints(money: Money) -> list[str]:
    findings = Findings()
    compare(money, findings)
    assert findings.checked[Invariant.MONEY] == len(money.paid)
    return [violation.sentence for violation in findings.violations]


def of(intent: Intent, standing: Standing = CONFIRMED, paid: Paid = PAID) -> Money:
    return replace(RIGHT, intents={"pi_1": intent}, standing={"bk_1": standing}, paid=[paid])


@pytest.mark.parametrize(
    "money",
    [
        RIGHT,
        of(INTENT._replace(refunded_minor=900), CONFIRMED._replace(seat_ids=("A1",))),
        of(INTENT._replace(refunded_minor=2_400), CONFIRMED._replace(status=BookingStatus.CANCELLED)),
        of(INTENT._replace(status="canceled", captured_minor=0), Standing(BookingStatus.EXPIRED, 1, ("A1",), 3)),
        of(INTENT._replace(status="requires_capture", captured_minor=0), paid=PAID._replace(has_more_to_do=True)),
        of(INTENT._replace(captured_minor=0, status="processing"), CONFIRMED._replace(status=BookingStatus.PAYING)),
        replace(of(INTENT, CONFIRMED._replace(version=4, seat_ids=())), behind_ms=10),
        replace(RIGHT, intents=None),
    ],
)
def test_what_is_right_or_under_way_is_not_complained_of(money: Money) -> None:
    assert complaints(money) == []


@pytest.mark.parametrize(
    ("money", "said"),
    [
        (of(INTENT._replace(captured_minor=0, status="canceled")), "at rest with 0 taken, and its seats cost 2400"),
        (of(INTENT, CONFIRMED._replace(status=BookingStatus.CANCELLED)), "at rest with 2400 taken"),
        (of(INTENT, CONFIRMED._replace(seat_ids=("A2",))), "its seats cost 900"),
        (of(INTENT._replace(captured_minor=2_000)), "2000 was captured"),
        (of(INTENT, CONFIRMED._replace(status=BookingStatus.EXPIRED)), "was never confirmed by it"),
        (of(INTENT, CONFIRMED._replace(attempt=2)), "was never confirmed by it"),
        (
            of(
                INTENT._replace(status="requires_capture", captured_minor=0),
                CONFIRMED._replace(status=BookingStatus.EXPIRED),
            ),
            "still requires_capture",
        ),
        (of(INTENT, paid=PAID._replace(has_more_to_do=True, quiet_ms=UNDER_WAY_MS + 1)), "under way for 90 s"),
        (replace(RIGHT, intents={}), "which the provider does not have"),
        (replace(RIGHT, intents={"pi_1": INTENT, "pi_2": Intent("pi_2", "bk_2", 1, "x", 1, 0)}), "the provider alone"),
        (replace(RIGHT, standing={}), "the ledger does not have"),
        (replace(RIGHT, started=[("bk_1", 1), ("bk_1", 2)]), "nobody carries it out"),
        (replace(RIGHT, behind_ms=UNDER_WAY_MS + 1), "90 s behind the ledger"),
    ],
)
def test_what_is_wrong_is_said(money: Money, said: str) -> None:
    assert any(said in sentence for sentence in complaints(money)), complaints(money)
