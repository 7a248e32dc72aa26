"""Booking as people do it: find, choose, hold, pay, see the ticket, whatever breaks in between."""

from time import monotonic

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.e2e.web.conftest import NewVisitor
from tests.e2e.web.visitor import LINE_IS_CUT, WITHIN_MS, Visitor
from tests.eventually import eventually
from tests.frontrow import Frontrow

PRICE_MINOR = 4500
RETRY_AFTER_S = 4
A_CODE_IS_LONGER = 1_000
"""The drawing of a QR code, in characters of its path."""


@pytest.fixture
def event_id(frontrow: Frontrow) -> str:
    return frontrow.new_event(rows=2, seats_a_row=10, hold_seconds=600, price_minor=PRICE_MINOR)


def test_find_an_event_choose_on_its_map_hold_pay_and_see_the_ticket(visitor: Visitor) -> None:
    visitor.goes_to("/")
    visitor.page.get_by_role("searchbox", name="Search by name").fill("hamlet")
    visitor.page.wait_for_url("**/?q=hamlet")
    visitor.follows("Hamlet")
    visitor.page.mouse.click(*visitor.finds_on_the_map("Stalls · Row A, seat 9"))
    visitor.page.mouse.click(*visitor.finds_on_the_map("Stalls · Row A, seat 10"))
    visitor.sees("€130")
    visitor.presses("Hold 2 seats")
    booking_id = visitor.booking_id()
    visitor.sees_title("These seats are yours until")
    expect(visitor.page.locator(".summary")).to_contain_text("Stalls · Row A, seats 9 and 10 · €130")
    visitor.presses("Pay €130")
    visitor.sees_title("They are yours")
    for number in (9, 10):
        code = visitor.page.get_by_role("img", name=f"QR code of Stalls · Row A, seat {number}", exact=True)
        expect(code).to_be_visible(timeout=WITHIN_MS)
        assert len(code.locator("path").get_attribute("d") or "") > A_CODE_IS_LONGER
    for link in ("Tickets to print", "Add to calendar"):
        with visitor.page.expect_download() as download:
            visitor.follows(link)
        assert download.value.path().stat().st_size > 0
    shown = visitor.frontrow.booking(booking_id)
    assert (shown["status"], shown["seat_ids"]) == ("confirmed", ["S-A9", "S-A10"])


def test_the_best_seats_up_to_a_price_are_held_in_one_step(visitor: Visitor) -> None:
    visitor.goes_to("/events/theatre-hamlet")
    visitor.page.get_by_label("Up to").select_option(label="€48")
    visitor.presses("One seat more")
    visitor.presses("Hold the best 3")
    booking_id = visitor.booking_id()
    visitor.sees_title("These seats are yours until")
    seats = visitor.frontrow.booking(booking_id)["seat_ids"]
    assert len(seats) == 3
    assert {seat.partition("-")[0] for seat in seats} <= {"C", "B"}
    visitor.presses("Give the seats back")
    visitor.sees_title("Cancelled")


def test_who_has_picked_a_seat_is_told_at_once_that_it_is_gone_and_gets_another(
    new_visitor: NewVisitor, event_id: str
) -> None:
    one, other = new_visitor(), new_visitor()
    other.goes_to(f"/events/{event_id}")
    other.picks("A", 5)
    expect(other.page.locator(".pulse-live")).to_be_visible(timeout=WITHIN_MS)
    one.holds(event_id, "A", 5)
    other.sees("Row A, seat 5 was just taken by somebody else.")
    instead = other.page.get_by_role("button", name="instead")
    seat = (instead.text_content() or "").removeprefix("Take ").removesuffix(" instead")
    instead.click()
    expect(other.page.locator(".chosen")).to_contain_text(seat)
    other.presses("Hold 1 seat")
    other.booking_id()
    other.sees(seat)


def test_who_loses_one_of_two_picked_seats_is_asked_first_and_offered_two_side_by_side(
    new_visitor: NewVisitor, event_id: str
) -> None:
    one, other = new_visitor(), new_visitor()
    other.goes_to(f"/events/{event_id}")
    other.picks("A", 5, 6)
    expect(other.page.locator(".pulse-live")).to_be_visible(timeout=WITHIN_MS)
    one.holds(event_id, "A", 5)
    other.sees("Row A, seat 5 was just taken by somebody else.")
    expect(other.button("Hold only 1")).to_be_visible()
    expect(other.page.get_by_role("button", name="Hold 1 seat")).to_have_count(0)
    other.finds_no_barrier()
    other.presses("Take Row A, seats 6 and 7 instead")
    other.presses("Hold 2 seats")
    assert other.frontrow.becomes(other.booking_id(), "held")["seat_ids"] == ["A6", "A7"]


def test_of_two_who_ask_for_the_same_seat_one_wins_and_the_other_is_offered_another(
    new_visitor: NewVisitor, event_id: str
) -> None:
    one, other = new_visitor(), new_visitor()
    other.expected = LINE_IS_CUT
    # Their map stands still: what happens meanwhile they learn from the answer alone.
    other.context.route("**/api/events/*/stream", lambda route: route.abort())
    other.goes_to(f"/events/{event_id}")
    other.picks("B", 4)
    one.holds(event_id, "B", 4)
    one.sees_title("These seats are yours until")
    other.presses("Hold 1 seat")
    lost = other.booking_id()
    other.sees("Somebody was faster: Row B, seat 4 went a moment before your request.")
    other.sees("We hold another seat for you")
    other.context.unroute("**/api/events/*/stream")
    other.presses("Take it")
    other.page.wait_for_url(lambda url: "/bookings/bk_" in url and lost not in url)
    other.booking_id()
    other.sees_title("These seats are yours until")


def test_a_request_whose_answer_is_lost_is_sent_again_and_is_one_booking(visitor: Visitor, event_id: str) -> None:
    answers = visitor.loses_the_first_answer("**/api/book")
    booking_id = visitor.holds(event_id, "A", 1, 2)
    assert [answer["booking_id"] for answer in answers] == [booking_id, booking_id]


def test_a_request_whose_answer_breaks_off_is_sent_again_and_is_one_booking(visitor: Visitor, event_id: str) -> None:
    whole: list[str] = []

    def break_it_off(route: Route) -> None:
        whole.append(route.fetch().json()["booking_id"])
        route.fulfill(status=202, content_type="application/json", body='{"booking_id": "bk_')

    visitor.page.route("**/api/book", break_it_off, times=1)
    assert visitor.holds(event_id, "A", 7) == whole[0]


def test_a_page_reloaded_while_its_request_is_under_way_comes_back_to_the_same_booking(
    visitor: Visitor, event_id: str
) -> None:
    visitor.expected = LINE_IS_CUT
    made: list[str] = []

    def lose(route: Route) -> None:
        made.append(route.fetch().json()["booking_id"])
        route.abort()

    visitor.page.route("**/api/book", lose)
    visitor.goes_to(f"/events/{event_id}")
    visitor.picks("B", 1)
    visitor.presses("Hold 1 seat")
    visitor.sees("Try again now")
    visitor.page.unroute("**/api/book")
    visitor.page.reload()
    assert visitor.booking_id() == made[0]


def test_a_page_reloaded_amid_payment_comes_back_to_it_and_pays_once(visitor: Visitor, event_id: str) -> None:
    booking_id = visitor.holds(event_id, "A", 3)
    visitor.page.get_by_label("A card that takes a while").check()
    visitor.presses("Pay €45")
    visitor.sees_title("Paying")
    visitor.page.reload()
    visitor.sees_title("It is yours")
    eventually(lambda: _taken_once(visitor, booking_id))


def test_a_payment_that_got_lost_is_sent_again_by_the_reloaded_page_and_never_twice(
    visitor: Visitor, event_id: str
) -> None:
    visitor.expected = LINE_IS_CUT
    booking_id = visitor.holds(event_id, "A", 4)
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    visitor.page.route("**/payment", lose)
    visitor.presses("Pay €45")
    visitor.sees_title("It is yours")
    visitor.page.unroute("**/payment")
    visitor.page.reload()
    visitor.sees_title("It is yours")
    assert len(set(sent)) == 1
    eventually(lambda: _taken_once(visitor, booking_id))


def test_a_payment_that_was_one_too_many_is_sent_again_when_the_answer_says(visitor: Visitor, event_id: str) -> None:
    visitor.expected = ("429",)
    problem = {"type": "/problems/too-many-requests", "status": 429, "title": "", "detail": "", "instance": ""}
    visitor.holds(event_id, "A", 8)
    sent: list[float] = []

    def refuse_the_first(route: Route) -> None:
        sent.append(monotonic())
        if len(sent) == 1:
            route.fulfill(status=429, headers={"Retry-After": str(RETRY_AFTER_S)}, json=problem)
        else:
            route.continue_()

    visitor.page.route("**/payment", refuse_the_first)
    visitor.presses("Pay €45")
    visitor.sees_title("It is yours")
    first, second = sent
    assert second - first >= RETRY_AFTER_S


def test_a_booking_whose_stream_is_cut_for_good_is_asked_for(visitor: Visitor, event_id: str) -> None:
    visitor.expected = LINE_IS_CUT
    visitor.context.route("**/api/bookings/*/stream", lambda route: route.abort())
    visitor.holds(event_id, "B", 2)
    visitor.sees_title("These seats are yours until")
    visitor.presses("Pay €45")
    visitor.sees_title("It is yours")


def test_a_browser_that_keeps_nothing_books(visitor: Visitor, event_id: str) -> None:
    visitor.context.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('it is full'); };")
    visitor.holds(event_id, "B", 3)
    visitor.sees_title("These seats are yours until")


def test_who_asks_for_more_time_is_told_though_the_line_is_cut_meanwhile(visitor: Visitor, event_id: str) -> None:
    visitor.expected = LINE_IS_CUT
    visitor.holds(event_id, "B", 5)
    visitor.page.route("**/api/commands/*", lambda route: route.abort(), times=3)
    visitor.presses("I need more time")
    visitor.sees("You have more time.")


def test_a_page_that_was_refused_as_one_too_many_is_asked_for_again(visitor: Visitor, event_id: str) -> None:
    visitor.expected = ("429",)
    problem = {"type": "/problems/too-many-requests", "status": 429, "title": "", "detail": "", "instance": ""}
    visitor.page.route(f"**/api/events/{event_id}", lambda route: route.fulfill(status=429, json=problem), times=1)
    visitor.goes_to(f"/events/{event_id}")
    visitor.sees("Too many requests from here.")
    visitor.page.locator(".map canvas").wait_for()


def test_the_list_of_events_that_cannot_be_had_is_asked_for_again(visitor: Visitor) -> None:
    visitor.expected = LINE_IS_CUT
    visitor.page.route("**/api/events", lambda route: route.abort(), times=1)
    visitor.goes_to("/")
    visitor.sees("this page tries again by itself.")
    visitor.page.locator(".cards").wait_for()


def test_a_declined_card_leaves_the_seats_held_and_another_card_pays(visitor: Visitor, event_id: str) -> None:
    visitor.holds(event_id, "A", 6)
    visitor.page.get_by_label("A card that is declined").check()
    visitor.presses("Pay €45")
    visitor.sees("Your bank has declined the payment. Nothing was taken; the seats are still held for you.")
    visitor.page.get_by_label("A card that pays").check()
    visitor.presses("Pay €45")
    visitor.sees_title("It is yours")


def test_who_goes_offline_is_told_and_what_they_asked_for_is_done_when_they_are_back(
    visitor: Visitor, event_id: str
) -> None:
    visitor.expected = LINE_IS_CUT
    visitor.goes_to(f"/events/{event_id}")
    visitor.picks("B", 7)
    visitor.context.set_offline(True)
    visitor.sees("You are offline.")
    visitor.presses("Hold 1 seat")
    visitor.sees("Your request will be sent again as soon as it is back, and can never book twice.")
    visitor.context.set_offline(False)
    visitor.booking_id()
    visitor.sees_title("These seats are yours until")


def test_the_back_button_leads_to_the_hall_and_forward_to_the_same_booking(visitor: Visitor, event_id: str) -> None:
    booking_id = visitor.holds(event_id, "B", 9)
    visitor.page.go_back()
    visitor.page.wait_for_url(f"**/events/{event_id}")
    visitor.page.locator(".map canvas").wait_for()
    visitor.page.go_forward()
    assert visitor.booking_id() == booking_id
    visitor.sees_title("These seats are yours until")


def test_ones_own_hold_is_told_in_the_hall_with_the_way_to_pay(new_visitor: NewVisitor, event_id: str) -> None:
    visitor, stranger = new_visitor(), new_visitor()
    booking_id = visitor.holds(event_id, "B", 9)
    visitor.page.go_back()
    visitor.sees("You hold 1 seat, ")
    visitor.page.get_by_role("button", name="List").click()
    visitor.page.locator("summary", has_text="Row B").click()
    expect(visitor.button("Row B, seat 9, €45, Yours")).to_be_disabled()
    visitor.finds_no_barrier()
    stranger.goes_to(f"/events/{event_id}")
    stranger.page.get_by_role("button", name="List").click()
    stranger.page.locator("summary", has_text="Row B").click()
    expect(stranger.button("Row B, seat 9, €45, Not available")).to_be_disabled()
    visitor.follows("Pay now")
    assert visitor.booking_id() == booking_id


def test_ones_own_hold_is_asked_for_again_when_it_could_not_be_had(visitor: Visitor, event_id: str) -> None:
    visitor.expected = LINE_IS_CUT
    booking_id = visitor.holds(event_id, "B", 10)
    visitor.sees_title("These seats are yours until")
    visitor.page.route(f"**/api/bookings/{booking_id}", lambda route: route.abort(), times=1)
    visitor.goes_to(f"/events/{event_id}")
    visitor.sees("You hold 1 seat, ")


def test_a_booking_is_cancelled_and_its_seat_is_free_again(visitor: Visitor, frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    visitor.goes_to(f"/events/{event_id}")
    visitor.picks("A", 2)
    visitor.presses("Book 1 seat")
    booking_id = visitor.booking_id()
    visitor.sees_title("It is yours")
    visitor.presses("Cancel this booking")
    visitor.presses("Yes, cancel")
    visitor.sees_title("Cancelled")
    frontrow.becomes(booking_id, "cancelled", "by_customer")


def test_the_keyboard_alone_books_and_pays(visitor: Visitor, event_id: str) -> None:
    visitor.goes_to(f"/events/{event_id}")
    visitor.page.locator(".map canvas").wait_for()
    keyboard = visitor.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            focused = visitor.asked("(document.activeElement.ariaLabel || document.activeElement.textContent || '')")
            if str(focused).startswith(name):
                return
        msg = f"Tab does not lead to {name}"
        raise AssertionError(msg)

    tab_to("Seats of")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    tab_to("Hold 1 seat")
    keyboard.press("Enter")
    visitor.booking_id()
    visitor.sees_title("These seats are yours until")
    tab_to("Pay €45")
    keyboard.press("Enter")
    visitor.sees_title("It is yours")


def test_what_is_not_there_says_so_and_leads_on(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.expected = ("404",)
    assert frontrow.client.get("/api/events/no-such-event").status_code == httpx.codes.NOT_FOUND
    visitor.goes_to("/events/no-such-event")
    visitor.sees_title("There is no such event")
    visitor.goes_to("/bookings/bk_none")
    visitor.sees_title("There is no such booking")
    visitor.goes_to("/organise/a/b")
    visitor.sees_title("There is no such page")


def _taken_once(visitor: Visitor, booking_id: str) -> None:
    """The money is taken after the booking is confirmed."""
    assert visitor.frontrow.intents(booking_id) == [("succeeded", PRICE_MINOR, 0)]
