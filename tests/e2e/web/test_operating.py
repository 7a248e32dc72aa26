"""An operator looks at the platform."""

from urllib.parse import urlsplit

from playwright.sync_api import APIResponse, Route, expect

from tests.e2e.web.conftest import NewVisitor
from tests.e2e.web.visitor import IN_MAY, PHONE, WITHIN_MS, Visitor
from tests.frontrow import Frontrow
from tests.people import an_operator, somebody


def test_an_operator_sees_every_part_of_the_platform(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.expected = ("/health",)  # 503 while something is slow to answer, which the page says
    visitor.signs_in(an_operator(frontrow))
    visitor.follows("System")
    visitor.sees_title("The platform")
    for part in ("Bookings are decided", "write_api", "postgres", "The log, partition by partition", "Dead letters"):
        visitor.sees(part)
    visitor.finds_no_barrier()
    visitor.does_not_scroll_sideways()


def test_an_operator_on_a_phone_sees_every_way_at_once(new_visitor: NewVisitor, frontrow: Frontrow) -> None:
    visitor = new_visitor(**PHONE)
    visitor.expected = ("/health",)
    visitor.signs_in(an_operator(frontrow))
    visitor.follows("System")
    visitor.does_not_scroll_sideways()
    for link in visitor.page.locator(".nav-link").all():
        expect(link).to_be_in_viewport(ratio=1, timeout=WITHIN_MS)


def test_each_figure_of_a_service_has_its_own_words_and_its_own_line(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.expected = ("/health",)
    visitor.signs_in(an_operator(frontrow))
    told: list[APIResponse] = []

    def tell_the_same(route: Route) -> None:
        told[:] = told or [route.fetch()]
        route.fulfill(response=told[0])

    visitor.page.route("**/api/system", tell_the_same)
    visitor.follows("System")
    expect(visitor.page.locator(".spark").first).to_be_visible(timeout=WITHIN_MS)
    for service in visitor.page.locator(".service").all():
        words = service.locator(".spark .soft").all_text_contents()
        assert len(words) == len(set(words))
    expect(visitor.page.locator(".spark polyline")).to_have_count(0)  # one look is one point, and no line


def test_nothing_is_asked_while_nobody_looks(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.signs_in(an_operator(frontrow))
    visitor.context.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true });")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    with visitor.page.expect_response(lambda answer: "/api/dead-letters" in answer.url, timeout=WITHIN_MS):
        visitor.goes_to("/system")
    visitor.sees("Dead letters")
    expect(visitor.page.locator(".loading")).to_have_count(1, timeout=WITHIN_MS)
    assert not {"/health", "/api/system", "/api/audit"} & set(asked)


def test_who_is_made_an_organiser_organises_at_once(new_visitor: NewVisitor, frontrow: Frontrow) -> None:
    who = somebody(frontrow.client)
    operator, person = new_visitor(), new_visitor()
    operator.expected = ("/health", "404")
    person.signs_in(who)
    person.goes_to("/account")
    person.sees("Ask the operator of this platform")
    operator.signs_in(an_operator(frontrow))
    operator.follows("System")
    for name, answer in (("nobody-at-all", "There is no account of this name."), (who.user_id, "is now: Organiser.")):
        operator.page.get_by_label("User name").fill(name)
        operator.presses("Give this role")
        operator.sees(answer)
    person.goes_to("/organise/new")
    person.page.get_by_label("Name", exact=True).fill("The first one")
    person.page.get_by_label("When it begins").fill(f"{IN_MAY}T19:30")
    person.page.get_by_label("Venue", exact=True).fill("Riverside Hall")
    person.page.get_by_label("Time zone").select_option("Europe/Vienna")
    person.presses("Put it on sale")
    person.page.wait_for_url("**/organise/the-first-one-*", timeout=WITHIN_MS)


def test_a_customer_does_not(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.signs_in(somebody(frontrow.client))
    visitor.goes_to("/system")
    visitor.sees_title("Your account may not see this page.")
