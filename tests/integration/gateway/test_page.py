"""The page and its files, as the gateway sends them."""

import re

import httpx
import pytest

from contracts import problems
from tests.integration.gateway.problem import assert_problem

ADDRESSES = (
    "/",
    "/?kind=train",
    "/events/concert123",
    "/productions/the-long-night",
    "/bookings/bk_1",
    "/bookings/new/web-1",
    "/mine",
    "/account",
    "/sign-in",
    "/register",
    "/organise",
    "/organise/concert123",
    "/system",
)


def _files(client: httpx.Client) -> list[str]:
    return re.findall(r'(?:src|href)="(/app/[^"]+)"', client.get("/").text)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_address_of_the_page_is_the_same_document(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.text == client.get("/").text
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "path", ["/eventsx", "/mine/x", "/app", "/app/nothing.js", "/index.html", "/app/../index.html"]
)
def test_what_is_no_address_of_the_page_is_a_problem(client: httpx.Client, path: str) -> None:
    assert_problem(client.get(path), problems.NOT_FOUND)


def test_the_page_allows_nothing_inline_and_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in page.text
    assert re.findall(r"<script(?![^>]* src=)", page.text) == []
    assert " style=" not in page.text
    assert re.findall(r'(?:src|href)="(?!/)', page.text) == []


def test_files_are_sent_compressed_and_kept_for_good(client: httpx.Client) -> None:
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    files = _files(client)
    assert {name.rpartition(".")[2] for name in files} == set(types)
    for name in files:
        answer = client.get(name)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == types[name.rpartition(".")[2]]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        plain = client.get(name, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.text == answer.text


@pytest.mark.parametrize("path", ["/", "/mine", "/app/x.js"])
def test_the_page_takes_no_post(client: httpx.Client, path: str) -> None:
    assert client.post(path).headers["Allow"] == "GET, HEAD"
