"""An organiser's whole path: a hall drawn or from a file, the sale, seats kept back, bookings, the doors."""

import json
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Request, Route, expect

from tests.e2e.web.conftest import NewVisitor
from tests.e2e.web.visitor import IN_MAY, PHONE, WITHIN_MS, Visitor
from tests.frontrow import Frontrow
from tests.organisers import Organiser

NewOrganiser = Callable[[], tuple[Organiser, Visitor]]
UNREACHABLE = "We cannot be reached at the moment."


@pytest.fixture(scope="module")
def organiser(frontrow: Frontrow) -> Organiser:
    return Organiser.of(frontrow)


@pytest.fixture
def at_work(new_visitor: NewVisitor, organiser: Organiser) -> Visitor:
    visitor = new_visitor()
    visitor.signs_in(organiser.somebody)
    visitor.follows("Organise")
    return visitor


def _describe(visitor: Visitor, name: str) -> None:
    visitor.follows("New event")
    visitor.page.get_by_label("Name", exact=True).fill(name)
    visitor.page.get_by_label("When it begins").fill(f"{IN_MAY}T19:30")
    visitor.page.get_by_label("Venue", exact=True).fill("Riverside Hall")
    visitor.page.get_by_label("Time zone").select_option("Europe/Vienna")


def _keep_back_again(at_work: Visitor, seat: str) -> None:
    """What is kept back already is refused, and is shown as kept back all the same."""
    at_work.page.mouse.click(*at_work.finds_on_the_map(seat))
    at_work.presses("Not for sale")
    expect(at_work.page.locator(".side .notice")).to_be_visible(timeout=WITHIN_MS)
    at_work.presses("Clear")
    at_work.finds_on_the_map(seat)
    expect(at_work.page.locator(".map-tip")).to_contain_text("Kept back", timeout=WITHIN_MS)


def test_a_theatre_of_400_seats_is_drawn_put_on_sale_sold_and_let_in(
    at_work: Visitor, new_visitor: NewVisitor, organiser: Organiser, frontrow: Frontrow
) -> None:
    _describe(at_work, "The Seagull")
    at_work.sees("400 seats")
    at_work.finds_no_barrier()
    at_work.presses("Put it on sale")
    at_work.page.wait_for_url("**/organise/the-seagull-*", timeout=WITHIN_MS)
    event_id = at_work.page.url.rpartition("/")[2]
    shown = organiser.shown(event_id)
    assert (shown["seats_total"], shown["date"]) == (400, f"{IN_MAY}T17:30:00Z")
    at_work.sees("Nothing sold yet.")
    expect(at_work.page.locator("tbody th")).to_have_text(["Stalls", "Balcony"], timeout=WITHIN_MS)
    at_work.finds_no_barrier()

    customer = new_visitor()
    customer.goes_to(f"/events/{event_id}")
    customer.presses("Hold the best 2")
    booking_id = customer.booking_id()
    customer.presses("Pay €90")
    customer.sees_title("They are yours")
    at_work.page.locator(".bars").wait_for()
    expect(at_work.page.locator(".figure").first).to_contain_text("2", timeout=WITHIN_MS)

    at_work.presses("Close the sale")
    expect(at_work.button("Open the sale")).to_be_visible(timeout=WITHIN_MS)
    customer.goes_to(f"/events/{event_id}")
    customer.sees("Not on sale")
    at_work.presses("Open the sale")
    expect(at_work.button("Close the sale")).to_be_visible(timeout=WITHIN_MS)

    at_work.presses("Hall")
    at_work.page.mouse.click(*at_work.finds_on_the_map("Stalls · Row A, seat 10"))
    at_work.presses("Whole rows")
    at_work.presses("Not for sale")
    at_work.sees("18 seats are kept back.")
    at_work.finds_no_barrier()
    at_work.page.reload()
    for seat, state in ((9, "Kept back"), (10, "Booked")):
        at_work.finds_on_the_map(f"Stalls · Row A, seat {seat}")
        expect(at_work.page.locator(".map-tip")).to_contain_text(state, timeout=WITHIN_MS)

    _keep_back_again(at_work, "Stalls · Row A, seat 9")

    at_work.page.get_by_role("button", name="Bookings", exact=True).click()
    at_work.page.get_by_label("Find a booking").fill(booking_id[:24])
    expect(at_work.page.locator("tbody tr")).to_have_count(1, timeout=WITHIN_MS)
    at_work.finds_no_barrier()
    with at_work.page.expect_download() as download:
        at_work.follows("Export")
    assert booking_id in download.value.path().read_text()

    at_work.presses("Doors")
    at_work.finds_no_barrier()
    tickets = frontrow.client.get(f"/api/bookings/{booking_id}/ticket?format=json").json()["tickets"]
    for answer in ("Come in", "This ticket was used already."):
        at_work.page.get_by_label("Code of the ticket").fill(tickets[0]["code"])
        at_work.page.get_by_role("button", name="Let in").first.click()
        at_work.sees(answer)


def test_on_a_phone_the_bookings_scroll_and_the_page_does_not(
    new_visitor: NewVisitor, organiser: Organiser, frontrow: Frontrow
) -> None:
    event_id = organiser.new_event()
    booking_id = frontrow.accept(event_id, "A1")
    frontrow.becomes(booking_id, "confirmed")
    visitor = new_visitor(**PHONE)
    visitor.signs_in(organiser.somebody)
    for show in ("sale", "bookings", "doors"):
        visitor.goes_to(f"/organise/{event_id}?show={show}")
        visitor.page.locator(".panel").first.wait_for()
        if show == "bookings":
            visitor.sees(booking_id)
        visitor.does_not_scroll_sideways()


def test_what_is_wrong_in_a_file_is_said_at_its_lines_and_the_mended_file_is_taken(at_work: Visitor) -> None:
    at_work.expected = ("422",)
    announced: list[Request] = []
    at_work.page.on(
        "request",
        lambda sent: announced.append(sent) if sent.method == "POST" and sent.url.endswith("/events") else None,
    )
    _describe(at_work, "From a file")
    at_work.presses("CSV file")
    text = at_work.page.get_by_label("or its text")
    text.fill("section,row,seat_id,price_minor,currency\nstalls,A,A1,4500,EUR\nstalls,A,A1,45.00,EUR\n")
    at_work.presses("Put it on sale")
    at_work.sees("Line 3:")
    at_work.finds_no_barrier()
    at_work.page.reload()
    text.fill("section,row,seat_id,price_minor,currency\nstalls,A,A1,4500,EUR\nstalls,A,A2,4500,EUR\n")
    at_work.presses("Put it on sale")
    at_work.page.wait_for_url("**/organise/from-a-file-*", timeout=WITHIN_MS)
    at_work.sees_title("From a file")
    assert len(announced) == 1, "the reloaded page has announced a second event"


def _send_instead(fields: dict[str, object], route: Route) -> None:
    asked: dict[str, object] = json.loads(route.request.post_data or "{}")
    route.continue_(post_data=asked | fields)


def test_what_is_wrong_is_said_at_its_field_and_whoever_sent_it_is_brought_there(at_work: Visitor) -> None:
    at_work.expected = ("422",)
    _describe(at_work, "A field of its own")
    wrong: list[tuple[dict[str, object], str]] = [
        ({"name": "", "max_seats_per_user": 0}, "Name"),
        ({"time_zone": "Vienna"}, "Time zone of the venue"),
        ({"sections": [{"section": "stalls", "rows": [{"row": "A", "count": 0}]}]}, "Rows"),
    ]
    for sent_instead, label in wrong:
        at_work.page.route("**/api/events", partial(_send_instead, sent_instead), times=1)
        at_work.presses("Put it on sale")
        expect(at_work.page.get_by_label(label, exact=True).first).to_be_focused(timeout=WITHIN_MS)
        expect(at_work.page.locator(".field-wrong")).to_have_count(len(sent_instead))
        at_work.sees("Look at the marked fields.")
    at_work.finds_no_barrier()
    at_work.presses("Remove Stalls")
    expect(at_work.page.locator(".drawn")).to_have_count(1)
    expect(at_work.page.locator(".field-wrong")).to_have_count(0)


def test_a_day_that_is_over_must_be_meant_and_an_event_is_changed(at_work: Visitor, organiser: Organiser) -> None:
    production = {"kind": "theatre", "production_id": "of-its-own", "production_name": "An evening"}
    event_id = organiser.new_event(max_seats_per_user=4, **production)
    at_work.goes_to(f"/organise/{event_id}?show=edit")
    at_work.page.get_by_label("Name", exact=True).fill("Another evening")
    at_work.page.get_by_label("Part of").fill("Evenings")
    at_work.page.get_by_label("When it begins").fill("12020-05-01T19:30")
    expect(at_work.page.locator("input[name=date]:invalid")).to_have_count(1)
    at_work.page.get_by_label("When it begins").fill("2020-05-01T19:30")
    at_work.presses("Save the changes")
    at_work.sees("This day is over: Fri")
    at_work.finds_no_barrier()
    at_work.page.get_by_label("That is what I mean").check()
    with at_work.page.expect_request(lambda request: request.method == "PATCH") as sent:
        at_work.presses("Save the changes")
    assert sent.value.post_data_json == {
        "name": "Another evening",
        "date": "2020-05-01T19:30:00+02:00",
        "production_name": "Evenings",
    }
    at_work.sees("Changed.")
    at_work.sees_title("Another evening")


def test_an_event_whose_answer_is_lost_is_asked_for_again_and_is_one_event(
    at_work: Visitor, organiser: Organiser
) -> None:
    _describe(at_work, "Three Sisters")
    answers = at_work.loses_the_first_answer("**/api/events")
    at_work.presses("Put it on sale")
    at_work.sees(UNREACHABLE)
    at_work.sees("Check your connection, then try again.")
    at_work.page.reload()
    expect(at_work.page.get_by_label("Time zone")).to_have_value("Europe/Vienna")
    at_work.presses("Put it on sale")
    at_work.page.wait_for_url("**/organise/three-sisters-*", timeout=WITHIN_MS)
    event_id = at_work.page.url.rpartition("/")[2]
    assert [answer["event_id"] for answer in answers] == [event_id, event_id]
    assert organiser.shown(event_id)["seats_total"] == 400


def test_a_file_whose_answer_is_lost_is_sent_again_and_its_seats_are_there_once(
    at_work: Visitor, organiser: Organiser
) -> None:
    _describe(at_work, "The Cherry Orchard")
    at_work.presses("CSV file")
    at_work.page.get_by_label("or its text").fill("section,row,seat_id\nstalls,A,A1\nstalls,A,A2\n")
    answers = at_work.loses_the_first_answer("**/seats?publish=true")
    at_work.presses("Put it on sale")
    at_work.sees(UNREACHABLE)
    at_work.presses("Put it on sale")
    at_work.page.wait_for_url("**/organise/the-cherry-orchard-*", timeout=WITHIN_MS)
    assert len({answer["command_id"] for answer in answers}) == 1
    assert organiser.shown(at_work.page.url.rpartition("/")[2])["seats_total"] == 2


def at_the_doors(at_work: Visitor, organiser: Organiser, frontrow: Frontrow) -> str:
    """Open the doors of a new event; returns the code of somebody's ticket."""
    event_id = organiser.new_event()
    booking_id = frontrow.accept(event_id, "A1")
    frontrow.becomes(booking_id, "confirmed")
    (ticket,) = frontrow.client.get(f"/api/bookings/{booking_id}/ticket?format=json").json()["tickets"]
    at_work.goes_to(f"/organise/{event_id}?show=doors")
    return str(ticket["code"])


def test_a_ticket_whose_answer_was_lost_or_is_pending_is_let_in_when_it_is_shown_again(
    at_work: Visitor, organiser: Organiser, frontrow: Frontrow
) -> None:
    code = at_the_doors(at_work, organiser, frontrow)
    answers = at_work.loses_the_first_answer("**/check-ins")

    def show_it(gate: str) -> None:
        at_work.page.get_by_label("Gate").fill(gate)
        at_work.page.get_by_label("Code of the ticket").fill(code)
        at_work.presses("Let in")

    show_it("north")
    at_work.sees(UNREACHABLE)
    pending = {**answers[0], "status": "pending"}
    at_work.page.route("**/check-ins", lambda route: route.fulfill(status=202, json=pending), times=1)
    show_it("south")
    at_work.sees("It is not decided yet.")
    show_it("north")
    at_work.sees("Come in")
    show_it("north")
    at_work.sees("This ticket was used already.")


def test_a_copy_of_a_ticket_that_is_shown_later_is_not_let_in_by_an_answer_that_was_lost(
    at_work: Visitor, organiser: Organiser, frontrow: Frontrow
) -> None:
    code = at_the_doors(at_work, organiser, frontrow)
    at_work.loses_the_first_answer("**/check-ins")
    at_work.page.get_by_label("Code of the ticket").fill(code)
    at_work.presses("Let in")
    at_work.sees(UNREACHABLE)
    at_work.asked("(() => { const now = Date.now; Date.now = () => now() + 130_000; })()")
    at_work.page.get_by_label("Code of the ticket").fill(code)
    at_work.presses("Let in")
    at_work.sees("This ticket was used already.")


def test_customers_may_not_organise(visitor: Visitor) -> None:
    visitor.goes_to("/organise")
    visitor.sees("Sign in to see this page.")
