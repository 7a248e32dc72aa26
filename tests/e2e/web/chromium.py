"""The browser: the distribution's Chromium, without a window. Where it is missing, tests fail and name the remedy."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL: Final = "apt-get install -y --no-install-recommends chromium"


def executable() -> str:
    """Return where the browser is.

    Raises:
        RuntimeError: there is none.
    """
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        msg = f"There is no Chromium on this machine, and the page is tested in one. Run: {INSTALL}"
        raise RuntimeError(msg)
    return str(Path(found))


@contextmanager
def started() -> Iterator[Browser]:
    """Yield a browser. Its sandbox needs what containers lack, and it sees no pages but ours."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield browser
        browser.close()
