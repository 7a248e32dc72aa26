"""Who may do what to a booking, for every kind of caller, command and owner."""

import pytest

from contracts.callers import Caller, Role
from contracts.commands import AboutBooking, CancelBooking, CheckIn, ExtendHold, SettlePayment, StartPayment
from contracts.ids import is_account, opaque_principal
from contracts.rights import acts_as, may_have_tickets

KEY = b"k" * 32
ANNA, BERT, ORGANISER, OPERATOR = (opaque_principal("account", name, KEY) for name in ("1", "2", "3", "4"))
GUEST = opaque_principal("guest", "anna", KEY)
IDS = {"command_id": "cm_" + "0" * 36, "booking_id": "bk_" + "0" * 36, "issued_at_ms": 0}


def test_a_principal_says_whether_it_is_an_account_and_a_guest_of_the_same_name_is_none() -> None:
    assert is_account(ANNA)
    assert not is_account(GUEST)
    assert not is_account(None)
    assert opaque_principal("account", "anna", KEY)[3:] != GUEST[2:]


# Who asks: nobody in particular, the owner, another customer, the event's organiser, another organiser, an operator.
ASKING: dict[str, tuple[str | None, bool]] = {
    "nobody": (None, False),
    "anna": (ANNA, False),
    "bert": (BERT, False),
    "organiser": (ORGANISER, False),
    "operator": (OPERATOR, True),
}
CANCEL = {"nobody": None, "anna": "customer", "bert": None, "organiser": "organiser", "operator": "organiser"}
OTHERS = {"nobody": None, "anna": "customer", "bert": None, "organiser": None, "operator": None}
GUESTS_CANCEL = {who: CANCEL[who] or "customer" for who in ASKING}


@pytest.mark.parametrize("who", ASKING)
def test_an_accounts_booking_is_its_owners_and_may_be_cancelled_by_who_runs_the_event(who: str) -> None:
    principal, operator = ASKING[who]
    about = {**IDS, "principal": principal, "operator": operator}
    assert acts_as(CancelBooking(**about), ANNA, ORGANISER) == CANCEL[who]
    assert acts_as(ExtendHold(**about), ANNA, ORGANISER) == OTHERS[who]
    assert acts_as(StartPayment(**about, payment_token="tok"), ANNA, ORGANISER) == OTHERS[who]  # noqa: S106 - none


@pytest.mark.parametrize("who", ASKING)
def test_a_guests_booking_is_whoevers_that_holds_its_id(who: str) -> None:
    principal, operator = ASKING[who]
    about = {**IDS, "principal": principal, "operator": operator}
    assert acts_as(CancelBooking(**about), GUEST, ORGANISER) == GUESTS_CANCEL[who]
    assert acts_as(ExtendHold(**about), GUEST, ORGANISER) == "customer"


def test_an_event_that_is_nobodys_has_no_organiser() -> None:
    assert acts_as(CancelBooking(**IDS, principal=ORGANISER), ANNA, "") is None
    assert acts_as(CancelBooking(**IDS), ANNA, "") is None


def test_what_the_provider_said_is_heard_whoevers_booking_it_is() -> None:
    settled: AboutBooking = SettlePayment(**IDS, attempt=1, result="authorised")
    assert acts_as(settled, ANNA, ORGANISER) == "customer"


def test_a_command_from_before_there_were_accounts_says_itself_as_whom_it_was_given() -> None:
    assert acts_as(CancelBooking(**IDS, by="organiser"), GUEST, "") == "organiser"


@pytest.mark.parametrize("who", ASKING)
@pytest.mark.parametrize("owner", [ANNA, GUEST, ORGANISER, None])
def test_only_the_events_organiser_and_operators_let_people_in(who: str, owner: str | None) -> None:
    principal, operator = ASKING[who]
    about = {**IDS, "principal": principal, "operator": operator, "event_id": "concert1", "seat_id": "A1"}
    lets_in = "organiser" if who in {"organiser", "operator"} else None
    assert acts_as(CheckIn.model_validate(about), owner, ORGANISER) == lets_in
    assert acts_as(CheckIn.model_validate(about), owner) == ("organiser" if who == "operator" else None)


def _caller(principal: str, role: Role) -> Caller:
    return Caller(principal, "somebody", role, "s")


def test_an_accounts_tickets_are_its_owners_and_may_be_printed_by_who_runs_the_event() -> None:
    anna, bert = _caller(ANNA, Role.CUSTOMER), _caller(BERT, Role.ORGANISER)
    organiser, operator = _caller(ORGANISER, Role.ORGANISER), _caller(OPERATOR, Role.OPERATOR)
    allowed = [who for who in (None, anna, bert, organiser, operator) if may_have_tickets(who, ANNA, ORGANISER)]
    assert allowed == [anna, organiser, operator]
    assert not may_have_tickets(_caller(ORGANISER, Role.CUSTOMER), ANNA, ORGANISER), "who is no organiser any more"
    assert not may_have_tickets(bert, ANNA, ""), "an event that is nobody's"


def test_a_guests_tickets_are_whoevers_that_holds_the_bookings_id() -> None:
    assert may_have_tickets(None, GUEST, ORGANISER)
    assert may_have_tickets(_caller(BERT, Role.CUSTOMER), GUEST, ORGANISER)
