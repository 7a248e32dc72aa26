"""The browser: the distribution's Chromium, without a window. Where it is missing, tests fail and name the remedy."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from infra.native.machine import BROWSER_PACKAGE, find_browser


def executable() -> str:
    """Return where the browser is.

    Raises:
        RuntimeError: there is none.
    """
    found = find_browser()
    if found is None:
        (package,) = BROWSER_PACKAGE.values()
        msg = f"This machine has no Chromium, and the page is tested in one. Run: apt-get install -y {package}"
        raise RuntimeError(msg)
    return str(found)


@contextmanager
def started() -> Iterator[Browser]:
    """Yield a browser. Its sandbox needs what containers lack, and it sees no pages but ours."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield browser
        browser.close()
