"""``python -m tests.e2e.web.screenshots [url]``: pictures of a running platform's pages, into docs/screenshots.

People run it (`make screenshots`) after a change of how the page looks, and look at them. It books seats of the demo
events and makes an organiser's event, so point it at a platform of no consequence.
"""

import io
import subprocess
import sys
from typing import Any, Final

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.e2e.web import chromium
from tests.frontrow import CHECKOUT
from tests.people import PASSWORD, a_name, register

FOLDER: Final = CHECKOUT / "docs" / "screenshots"
DESK: Final = {"viewport": {"width": 1280, "height": 860}}
PHONE: Final = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DARK: Final = {"color_scheme": "dark"}
COLOURS: Final = 160
"""Enough for flat colours and soft edges, and a third of the bytes."""
RUSH: Final = 40
"""Bookings that are made in three halls first: a hall that nobody wants shows nothing."""
ENOUGH: Final = 8
"""Free seats of a row of which two neighbours are picked."""


def main() -> int:
    """Take them all."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with httpx.Client(base_url=url, timeout=30) as client, chromium.started() as browser:
        _sell(client)
        _public(browser, url)
        _booking(browser, url)
        _at_work(browser, client, url)
    return 0


def _sell(client: httpx.Client) -> None:
    for number in range(RUSH):
        for event_id, count in (("theatre-hamlet", 1 + number % 4), ("arena-grand-final", 10), ("concert123", 6)):
            asked = {"user_id": f"visitor-{number}", "event_id": event_id, "best": {"count": count}}
            client.post("/api/book", json=asked)


def _public(browser: Browser, url: str) -> None:
    for name, path, there, options in (
        ("find", "/", ".cards", DESK),
        ("find-phone", "/", ".cards", PHONE),
        ("arena", "/events/arena-grand-final", ".pulse-live", DESK),
        ("arena-dark", "/events/arena-grand-final", ".pulse-live", {**DESK, **DARK}),
        ("train", "/events/danube-express-01-0740", ".pulse-live", DESK),
        ("movie-dark", "/productions/the-long-night", ".showings", {**DESK, **DARK}),
    ):
        page = _page(browser, url + path, options)
        page.locator(there).first.wait_for()
        _keep(page, name)


def _booking(browser: Browser, url: str) -> None:
    for name, options in (("seat-map", DESK), ("seat-map-phone", {**PHONE, **DARK})):
        page = _page(browser, f"{url}/events/theatre-hamlet", options)
        page.locator(".pulse-live").wait_for()
        page.get_by_role("button", name="List").click()
        _pick_two(page)
        page.get_by_role("button", name="Map").click()
        page.locator(".map canvas").wait_for()
        _keep(page, name)
    page.get_by_role("button", name="Hold 2 seats").tap()
    page.locator(".countdown").wait_for()
    _keep(page, "hold-phone")
    page.get_by_role("button", name="Pay €").tap()
    page.locator(".ticket-picture").first.wait_for()
    _keep(page, "ticket-phone")


def _pick_two(page: Page) -> None:
    """Pick two neighbours in the first row of the list that has many."""
    for row in page.locator(".seat-row").all():
        row.locator("summary").click()
        free = row.locator(".seat-button:enabled[aria-pressed=false]")
        if free.count() >= ENOUGH:
            free.nth(4).click()
            free.nth(4).click()
            return


def _at_work(browser: Browser, client: httpx.Client, url: str) -> None:
    name = a_name("organiser")
    register(client, name, display_name="Paula")
    # Of the platform that this shell's settings mean, as for whoever started it.
    subprocess.run(["./start-services.sh", "operator", name], cwd=CHECKOUT, check=True, capture_output=True)
    page = _page(browser, f"{url}/sign-in", DESK)
    page.locator("input[name=user_id]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/mine")
    page.goto(f"{url}/organise/new")
    page.locator(".draw-preview canvas").wait_for()
    _keep(page, "new-event", full=True)
    page.goto(f"{url}/organise/theatre-hamlet")
    page.locator(".stack-bar").wait_for()
    _keep(page, "sale")
    page.goto(f"{url}/organise/theatre-hamlet?show=hall")
    page.locator(".map canvas").wait_for()
    _keep(page, "heat")
    page.goto(f"{url}/system")
    page.locator(".figure-row").first.wait_for()
    _keep(page, "system")


def _page(browser: Browser, address: str, options: dict[str, Any]) -> Page:
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    return page


def _keep(page: Page, name: str, *, full: bool = False) -> None:
    page.locator(".loading").first.wait_for(state="detached")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 600)))")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=full))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
