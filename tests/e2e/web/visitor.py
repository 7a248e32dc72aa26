"""A visitor: somebody at a browser of their own, and what that browser complained of meanwhile.

Every complaint fails the test that it belongs to: an error on the console, an exception, a violation of the page's
policy. A test that cuts lines says which complaints belong to that.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Route, expect

from tests.eventually import WITHIN_S
from tests.frontrow import Document, Frontrow
from tests.people import PASSWORD, Somebody

AXE: Final = Path(__file__).with_name("axe.min.js")
WITHIN_MS: Final = WITHIN_S * 1_000
"""How long a visitor looks for something, as everybody waits; a busy machine takes its time."""
READ: Final = "/api/events/"
"""What a page reads may be told 503 on a busy machine, and is asked for again: the test sees the page go on."""
IN_MAY: Final = f"{datetime.now(UTC).year + 1}-05-01"
"""A day that is not over, in the summer time of Vienna."""
LINE_IS_CUT: Final = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK_CHANGED")
PHONE: Final = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_TELL_VIOLATIONS: Final = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@dataclass
class Visitor:
    """``page`` is what they see. ``expected``: parts of complaints that belong to what the test does."""

    frontrow: Frontrow
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    @classmethod
    def at(cls, frontrow: Frontrow, context: BrowserContext) -> "Visitor":
        context.set_default_timeout(WITHIN_MS)
        context.add_init_script(_TELL_VIOLATIONS)
        visitor = cls(frontrow, context, context.new_page())
        visitor.page.on("console", visitor._heard)
        visitor.page.on("pageerror", visitor._failed)
        return visitor

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _failed(self, error: Error) -> None:
        self.complaints.append(str(error))

    def check(self) -> None:
        """Assert that the browser complained of nothing but what was expected."""
        unexpected = [
            text
            for text in self.complaints
            if not (any(part in text for part in self.expected) or ("a status of 503" in text and READ in text))
        ]
        assert unexpected == [], unexpected

    def goes_to(self, path: str) -> None:
        self.page.goto(self.frontrow.instance.gateway_url + path)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=WITHIN_MS)

    def sees_title(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=text)).to_be_visible(timeout=WITHIN_MS)

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def follows(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def picks(self, row: str, *numbers: int) -> None:
        """Pick seats from the list."""
        self.page.get_by_role("button", name="List").click()
        self.page.locator("summary", has_text=f"Row {row}").first.click()
        for number in numbers:
            self.page.get_by_role("button", name=re.compile(rf"^Row {row}, seat {number}\b")).click()

    def finds_on_the_map(self, seat: str) -> tuple[float, float]:
        """Move the mouse over the map until it is over this seat, of a first row; return where that is."""
        self.page.locator(".map canvas").wait_for()
        box = self.page.locator(".map-frame").bounding_box()
        assert box is not None
        tip = self.page.locator(".map-tip strong")

        def under(x: float, y: float) -> str:
            self.page.mouse.move(box["x"] + x, box["y"] + y)
            return tip.text_content() or "" if tip.count() else ""

        middle = int(box["width"] / 2)
        for y in range(10, int(box["height"]), 14):
            if under(middle + 3, y):
                # From the middle outwards: rows are bent.
                for x in sorted(range(10, int(box["width"]), 10), key=lambda x: abs(x - middle)):
                    if under(x, y) == seat:
                        return box["x"] + x, box["y"] + y
        msg = f"{seat} is nowhere on the map"
        raise AssertionError(msg)

    def holds(self, event_id: str, row: str = "A", *numbers: int) -> str:
        """Hold seats of an event and return the booking's id."""
        self.goes_to(f"/events/{event_id}")
        self.picks(row, *(numbers or (1,)))
        self.presses("Hold ")
        return self.booking_id()

    def booking_id(self) -> str:
        """Return the id of the booking that they are brought to."""
        self.page.wait_for_url("**/bookings/bk_*", timeout=WITHIN_MS)
        booking_id = self.page.url.rpartition("/")[2]
        self.frontrow.accepted.add(booking_id)
        return booking_id

    def loses_the_first_answer(self, to: str) -> list[Document]:
        """Let requests to these addresses arrive and the first answer get lost; return the answers, as they come."""
        self.expected = LINE_IS_CUT
        answers: list[Document] = []

        def lose(route: Route) -> None:
            answer = route.fetch()
            answers.append(answer.json())
            if len(answers) == 1:
                route.abort()
            else:
                route.fulfill(response=answer)

        self.page.route(to, lose)
        return answers

    def signs_in(self, who: Somebody) -> None:
        self.goes_to("/sign-in")
        self.page.locator("input[name=user_id]").fill(who.user_id)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("form").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/mine", timeout=WITHIN_MS)

    def does_not_scroll_sideways(self) -> None:
        size = self.asked("[document.documentElement.scrollWidth, innerWidth]")
        assert size[0] <= size[1], size

    def finds_no_barrier(self) -> None:
        """Hold the page against the rules of WCAG 2.2 AA."""
        self.asked(AXE.read_text() + ";0")
        found = self.asked(f"axe.run(document, {{runOnly: {RULES}}}).then((r) => r.violations)")
        told = [f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]
        assert told == [], told

    def asked(self, expression: str) -> Any:  # noqa: ANN401 - whatever the expression gives
        """Return what an expression gives in the page, past its policy: that forbids `eval` to Playwright too."""
        session = self.context.new_cdp_session(self.page)
        answer = session.send(
            "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
        )
        session.detach()
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name).first
