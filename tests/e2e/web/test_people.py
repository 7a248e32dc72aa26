"""People: registering, signing in and out, and one's bookings on every device."""

import re

from playwright.sync_api import expect

from runtime.credentials import ACCESS_COOKIE
from tests.e2e.web.conftest import NewVisitor
from tests.e2e.web.visitor import LINE_IS_CUT, WITHIN_MS, Visitor
from tests.frontrow import Frontrow
from tests.people import PASSWORD, a_name, somebody


def test_register_book_and_find_the_booking_on_another_device(new_visitor: NewVisitor, frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(hold_seconds=600, price_minor=4500)
    here, elsewhere = new_visitor(), new_visitor()
    name = a_name("anna")
    here.goes_to("/register")
    here.page.get_by_label("Your name").fill("Anna Berg")
    expect(here.page.get_by_label("User name")).to_have_value("anna.berg")
    here.page.get_by_label("User name").fill("Anna Berg")
    here.page.locator("input[name=password]").fill(PASSWORD)
    here.presses("Register")
    assert "no spaces" in here.asked("document.querySelector('input[name=user_id]:invalid').labels[0].textContent")
    here.page.get_by_label("User name").fill(name)
    here.page.locator("input[name=password]").fill(PASSWORD)
    here.presses("Register")
    here.sees("Nothing booked yet.")
    here.holds(event_id)
    elsewhere.expected = ("401",)
    elsewhere.goes_to("/sign-in")
    elsewhere.page.locator("input[name=user_id]").fill(name)
    elsewhere.page.locator("input[name=password]").fill("not this one, no")
    elsewhere.page.locator("form").get_by_role("button", name="Sign in").click()
    elsewhere.sees("User name or password is not right.")
    expect(elsewhere.page.locator("input[name=password]")).to_be_focused()
    elsewhere.page.locator("input[name=password]").fill(PASSWORD)
    elsewhere.page.locator("form").get_by_role("button", name="Sign in").click()
    elsewhere.page.locator(".booking-row").first.click()
    elsewhere.booking_id()
    elsewhere.presses("Pay €45")
    elsewhere.sees_title("It is yours")
    here.sees_title("It is yours")


def test_a_session_elsewhere_can_be_ended_and_one_signs_out_here(new_visitor: NewVisitor, frontrow: Frontrow) -> None:
    who = somebody(frontrow.client)
    here, elsewhere = new_visitor(), new_visitor()
    here.signs_in(who)
    elsewhere.signs_in(who)
    here.goes_to("/account")
    ended = here.page.get_by_role("button", name="Sign out there")
    expect(ended).to_have_count(2, timeout=WITHIN_MS)
    ended.first.click()
    expect(ended).to_have_count(1, timeout=WITHIN_MS)
    here.page.get_by_role("button", name="Sign out", exact=True).click()
    here.page.wait_for_url(frontrow.instance.gateway_url + "/")
    expect(here.page.get_by_role("link", name="Sign in")).to_be_visible()
    here.goes_to("/account")
    here.sees("Sign in to see this page.")


def test_a_session_that_cannot_be_refreshed_at_the_moment_is_not_over(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.expected = ("401", "503")
    who = somebody(frontrow.client)
    visitor.signs_in(who)
    problem = {"type": "/problems/overloaded", "status": 503, "title": "", "detail": "", "instance": ""}
    # Before the session is spoilt: the page is still asking for bookings, and would refresh it at once.
    visitor.page.route("**/api/sessions/refresh", lambda route: route.fulfill(status=503, json=problem))
    visitor.context.clear_cookies(name=ACCESS_COOKIE)
    visitor.goes_to("/account")
    visitor.sees("Very many people are here at the moment.")
    visitor.page.unroute("**/api/sessions/refresh")
    visitor.sees("this browser")
    expect(visitor.page.locator(".pairs")).to_contain_text(who.user_id, timeout=WITHIN_MS)


def test_a_guests_bookings_are_remembered_by_their_browser(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.holds(frontrow.new_event(hold_seconds=600))
    visitor.follows("My bookings")
    expect(visitor.page.locator(".booking-row")).to_have_count(1, timeout=WITHIN_MS)
    visitor.sees("These were booked in this browser without an account.")


def test_what_was_booked_without_an_account_stays_in_sight_when_one_signs_in(
    visitor: Visitor, frontrow: Frontrow
) -> None:
    visitor.holds(frontrow.new_event(hold_seconds=600))
    visitor.signs_in(somebody(frontrow.client))
    visitor.sees("Booked in this browser without an account")
    row = visitor.page.locator(".booking-row")
    expect(row).to_have_count(1, timeout=WITHIN_MS)
    expect(row).to_contain_text("Row A, seat 1", timeout=WITHIN_MS)
    expect(row).to_contain_text(re.compile(r"\d:\d\d left"))
    visitor.finds_no_barrier()
    visitor.expected = LINE_IS_CUT
    visitor.page.route("**/api/bookings/bk_*", lambda route: route.abort())
    visitor.page.reload()
    visitor.sees("Nothing booked yet.")


def test_what_one_account_holds_is_not_told_as_the_next_ones_in_the_same_browser(
    visitor: Visitor, frontrow: Frontrow
) -> None:
    event_id = frontrow.new_event(hold_seconds=600, price_minor=4500)
    visitor.signs_in(somebody(frontrow.client))
    visitor.holds(event_id, "A", 1)
    visitor.goes_to(f"/events/{event_id}")
    visitor.sees("You hold 1 seat, ")
    visitor.goes_to("/account")
    visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    visitor.page.wait_for_url(frontrow.instance.gateway_url + "/")
    visitor.signs_in(somebody(frontrow.client))
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    with visitor.page.expect_response("**/api/accounts/me"):
        visitor.goes_to(f"/events/{event_id}")
    visitor.page.get_by_role("button", name="List").click()
    visitor.page.locator("summary", has_text="Row A").click()
    expect(visitor.button("Row A, seat 1, €45, Not available")).to_be_disabled()
    expect(visitor.page.locator(".hold-bar")).to_have_count(0)
    assert not [url for url in asked if "/api/bookings/" in url]
