"""When an id that nobody decided stops being pending."""

import pytest

from contracts.ids import ACCEPTANCE_BOUND_MS, KEYED_MS, IssuedId
from contracts.wire import Booking
from read_api.bookings import undecided
from read_api.view import Watermark

ISSUED = IssuedId("bk_x", "bk", 1_000_000, 2)
BOUND_MS = ISSUED.issued_at_ms + ACCEPTANCE_BOUND_MS


@pytest.mark.parametrize(
    ("partitions", "status", "reason"),
    [
        ({}, "pending", None),
        ({0: BOUND_MS + 1_000_000}, "pending", None),
        ({2: BOUND_MS - 1}, "pending", None),
        # The log still takes a command that it stamps with the bound itself.
        ({2: BOUND_MS}, "pending", None),
        ({2: BOUND_MS + 1}, "failed", "never_accepted"),
    ],
)
def test_only_its_own_partition_past_its_bound_settles_an_id(
    partitions: dict[int, int], status: str, reason: str | None
) -> None:
    body = undecided(ISSUED, Watermark("ledger", partitions))
    assert (body["status"], body["reason"]) == (status, reason)
    assert Booking.model_validate(body).booking_id == "bk_x"


def test_a_derived_id_carries_no_time_and_is_settled_by_sending_the_request_again() -> None:
    derived = IssuedId("bk_x", "bk", KEYED_MS, 2)
    assert undecided(derived, Watermark("ledger", {2: BOUND_MS * 1_000}))["status"] == "pending"
