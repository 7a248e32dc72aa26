"""``python -m tests.e2e.web.speed [url]``: how fast the page is with a processor four times slower.

People run it (`make page-speed`) against a platform that runs, on a machine that has nothing else to do; it is no test,
since a busy machine would make it one of the machine. It prints a table and ends with 1 when something is too slow.
"""

import sys
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Page

from tests.e2e.web import chromium

SLOWER: Final = 4
MAX_PAINT_MS: Final = 1_000
MAX_INTERACTION_MS: Final = 100
MIN_FRAMES_A_S: Final = 55
ROUNDS: Final = 5
PAN_MOVES: Final = 120
_LISTEN: Final = """
globalThis.told = [];
new PerformanceObserver((list) =>
  told.push(...list.getEntries().map((e) => ({name: e.name, ms: e.duration, id: e.interactionId})))
).observe({type: "event", durationThreshold: 16, buffered: true});
"""
_FRAMES: Final = """
globalThis.frames = [];
(function frame(now) { frames.push(now); requestAnimationFrame(frame); })(performance.now());
"""


@dataclass
class Figure:
    """One line of the table: what was measured in each round, and what it may be at most, or at least."""

    name: str
    values: list[float]
    bound: float
    least: bool = False

    @property
    def good(self) -> bool:
        return self.middle >= self.bound if self.least else self.middle <= self.bound

    @property
    def middle(self) -> float:
        return median(self.values)

    def line(self) -> str:
        values = ", ".join(f"{value:.0f}" for value in sorted(self.values))
        return (
            f"{'ok ' if self.good else 'SLOW'} {self.name:<44} {self.middle:6.0f}  ({values}; bound {self.bound:.0f})"
        )


def main() -> int:
    """Measure and print."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"
    with chromium.started() as browser:
        figures = [
            *(
                Figure(f"first contentful paint of {path}, ms", _paints(browser, url + path), MAX_PAINT_MS)
                for path in ("/", "/events/theatre-hamlet", "/events/arena-grand-final")
            ),
            Figure("picking a seat, ms", _picks(browser, f"{url}/events/theatre-hamlet"), MAX_INTERACTION_MS),
            Figure(
                "frames a second, panning 20,000 seats",
                _pans(browser, f"{url}/events/arena-grand-final"),
                MIN_FRAMES_A_S,
                least=True,
            ),
        ]
    sys.stdout.write("\n".join(figure.line() for figure in figures) + "\n")
    return 0 if all(figure.good for figure in figures) else 1


def _opened(browser: Browser, address: str) -> tuple[Page, CDPSession]:
    page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    page.set_default_timeout(60_000)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(_LISTEN)
    page.goto(address)
    return page, session


def _asked(session: CDPSession, expression: str) -> Any:  # noqa: ANN401 - whatever it gives
    return session.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})["result"].get("value")


def _paints(browser: Browser, address: str) -> list[float]:
    paints = []
    for _ in range(ROUNDS):
        page, session = _opened(browser, address)
        page.locator("main h1").wait_for()
        paints.append(float(_asked(session, 'performance.getEntriesByName("first-contentful-paint")[0].startTime')))
        page.context.close()
    return paints


def _picks(browser: Browser, address: str) -> list[float]:
    page, session = _opened(browser, address)
    page.locator(".pulse-live").wait_for()
    page.locator(".map-frame").focus()
    for key in ("ArrowDown", *("ArrowRight", "Enter") * ROUNDS):
        page.keyboard.press(key)
    page.locator(".chosen").wait_for()  # the keys have reached the map: what is not told of was faster than a frame
    return [float(one["ms"]) for one in _asked(session, "told") if one["id"]] or [0.0]


def _pans(browser: Browser, address: str) -> list[float]:
    page, session = _opened(browser, address)
    page.locator(".pulse-live").wait_for()
    box = page.locator(".map-frame").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -700)
    page.locator(".map-frame:not(.is-fit)").wait_for()
    rounds = []
    for number in range(ROUNDS):
        _asked(session, _FRAMES)
        page.mouse.down()
        way = 1 if number % 2 else -1
        for move in range(PAN_MOVES):
            page.mouse.move(x + way * move * 2, y + move)
        frames = _asked(session, "frames")
        page.mouse.up()
        page.mouse.move(x, y)
        rounds.append((len(frames) - 1) / (frames[-1] - frames[0]) * 1_000)
    return rounds


if __name__ == "__main__":
    sys.exit(main())
