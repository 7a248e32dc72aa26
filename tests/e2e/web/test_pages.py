"""Every page: no barrier for anybody, in light and dark, on a phone and on a desk."""

import pytest

from tests.e2e.web.conftest import NewVisitor
from tests.e2e.web.visitor import PHONE, Visitor
from tests.frontrow import Frontrow

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
    visitor.sees_title("It is yours")
    visitor.page.locator(".ticket-picture").wait_for()
    visitor.finds_no_barrier()


def test_two_seats_together_are_booked_on_a_phone(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(**PHONE)
    visitor.goes_to("/")
    visitor.follows("Event concert123")
    visitor.page.locator(".map canvas").wait_for()
    visitor.does_not_scroll_sideways()
    visitor.page.get_by_role("button", name="Book the best 2").tap()
    booking_id = visitor.booking_id()
    visitor.sees_title("It is yours")
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
