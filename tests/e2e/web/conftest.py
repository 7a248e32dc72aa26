"""One browser for a module; a visitor is a context of its own: cookies, storage and line are nobody else's."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.web import chromium
from tests.e2e.web.visitor import Visitor
from tests.frontrow import Frontrow

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield the browser, gone with its module: while it is there its own loop runs in this thread, and no other can."""
    with chromium.started() as browser:
        yield browser


@pytest.fixture
def new_visitor(browser: Browser, frontrow: Frontrow) -> Iterator[NewVisitor]:
    """Yield what makes visitors; afterwards, none of their browsers may have complained."""
    visitors: list[Visitor] = []

    def made(**options: Any) -> Visitor:  # noqa: ANN401 - Playwright's own options
        visitor = Visitor.at(frontrow, browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        visitors.append(visitor)
        return visitor

    yield made
    for visitor in visitors:
        visitor.context.close()
    for visitor in visitors:
        visitor.check()


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()
