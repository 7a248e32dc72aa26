"""Every page: no barrier for anybody, in light and dark, on a phone and on a desk."""

import pytest
from playwright.sync_api import TimeoutError as NotThere
from playwright.sync_api import expect

from tests.e2e.web.conftest import NewVisitor
from tests.e2e.web.visitor import PHONE, Visitor
from tests.eventually import eventually
from tests.frontrow import Frontrow

SCANNED_FROM_PX = 200
DRAWN_WITHIN_MS = 2_000

PUBLIC = {
    "/": ".cards",
    "/?kind=train": ".search",
    "/?q=nothing-of-this-name": ".notice",
    "/events/theatre-hamlet": ".map canvas",
    "/events/danube-express-01-0740": ".map canvas",
    "/productions/the-long-night": ".showings",
    "/mine": ".empty, .notice",
    "/sign-in": "form",
    "/register": "form",
    "/account": "h1",
    "/organise": "h1",
}


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}], ids=["desk", "phone in the dark"])
def test_public_pages_have_no_barrier(new_visitor: NewVisitor, options: dict[str, object]) -> None:
    visitor = new_visitor(**options)
    for path, there in PUBLIC.items():
        visitor.goes_to(path)
        visitor.page.locator(there).first.wait_for()
        visitor.finds_no_barrier()
        visitor.does_not_scroll_sideways()


def test_the_list_of_seats_and_a_bookings_states_have_no_barrier(visitor: Visitor, frontrow: Frontrow) -> None:
    event_id = frontrow.new_event(rows=2, hold_seconds=600, price_minor=4500)
    visitor.goes_to(f"/events/{event_id}")
    visitor.picks("A", 1, 2)
    visitor.finds_no_barrier()
    visitor.presses("Hold 2 seats")
    visitor.booking_id()
    visitor.sees_title("These seats are yours until")
    visitor.finds_no_barrier()
    visitor.presses("Pay €90")
    visitor.sees_title("They are yours")
    visitor.page.locator(".ticket-picture").first.wait_for()
    visitor.finds_no_barrier()


def test_a_ticket_on_a_phone_is_large_enough_to_scan_and_larger_when_tapped(
    new_visitor: NewVisitor, frontrow: Frontrow
) -> None:
    visitor = new_visitor(**PHONE)
    visitor.goes_to(f"/events/{frontrow.new_event()}")
    visitor.picks("A", 4)
    visitor.presses("Book 1 seat")
    visitor.booking_id()
    code = visitor.page.get_by_role("img", name="QR code of Row A, seat 4")
    code.wait_for()
    box = code.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= SCANNED_FROM_PX
    visitor.does_not_scroll_sideways()
    code.tap()
    large = visitor.page.get_by_role("dialog").get_by_role("img").bounding_box()
    assert large is not None
    assert large["width"] > box["width"]
    visitor.finds_no_barrier()
    visitor.presses("Close")
    visitor.page.get_by_role("dialog").wait_for(state="detached")
    expect(visitor.page.locator(".ticket-code")).to_be_focused()


def test_two_seats_together_are_booked_on_a_phone(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(**PHONE)
    visitor.goes_to("/")
    visitor.follows("Event concert123")
    visitor.page.locator(".map canvas").wait_for()
    visitor.does_not_scroll_sideways()
    visitor.sees("Free of charge")
    visitor.sees("Booked at once: you see which then, and can give them back.")
    best, hall = visitor.button("Book the best 2").bounding_box(), visitor.page.locator(".map-frame").bounding_box()
    assert best is not None
    assert hall is not None
    assert best["y"] < hall["y"]
    visitor.page.get_by_role("button", name="Book the best 2").tap()
    booking_id = visitor.booking_id()
    visitor.sees_title("They are yours")
    visitor.does_not_scroll_sideways()
    assert len(visitor.frontrow.booking(booking_id)["seat_ids"]) == 2


def test_a_tap_on_a_phones_map_comes_closer_and_the_next_one_picks(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(**PHONE)
    visitor.goes_to("/events/arena-grand-final")
    visitor.page.locator(".map canvas").wait_for()
    visitor.page.locator(".map-frame").scroll_into_view_if_needed()
    box = visitor.page.locator(".map-frame").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visitor.page.touchscreen.tap(x, y)
    visitor.page.locator(".map-frame:not(.is-fit, .is-gliding)").wait_for()
    visitor.page.touchscreen.tap(x, y)
    visitor.sees("Book 1 seat")


def test_a_seat_that_was_tapped_stays_in_sight_and_is_named_with_its_rows_letter_beside_it(
    new_visitor: NewVisitor,
) -> None:
    visitor = new_visitor(**PHONE)
    visitor.goes_to("/events/theatre-hamlet")
    visitor.page.locator(".map canvas").wait_for()
    map_frame = visitor.page.locator(".map-frame")
    map_frame.evaluate("(map) => scrollTo(0, map.getBoundingClientRect().bottom - innerHeight)")
    x, y = 180, 690
    visitor.page.touchscreen.tap(x, y)
    visitor.page.locator(".map-frame:not(.is-fit, .is-gliding)").wait_for()
    visitor.page.touchscreen.tap(x, y)
    try:
        visitor.page.locator(".dock").wait_for(timeout=DRAWN_WITHIN_MS)
    except NotThere:
        # It was between two seats.
        visitor.page.touchscreen.tap(x + 10, y - 10)
    named = visitor.page.locator(".dock .ask-seats").text_content() or ""
    row = named.partition("Row ")[2].partition(",")[0]

    def is_in_sight() -> None:
        dock = visitor.page.locator(".dock").bounding_box()
        levels = visitor.page.locator(".map-letters b").evaluate_all(
            "(all, row) => all.filter((one) => one.textContent === row).map((one) => one.getBoundingClientRect().y)",
            row,
        )
        assert dock is not None
        assert levels
        assert all(100 < level < dock["y"] - 20 for level in levels), (levels, dock)

    eventually(is_in_sight)
