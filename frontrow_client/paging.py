"""Paging: where the next page of a list begins. Pure."""

from urllib.parse import parse_qs, urlsplit

from frontrow_client.steps import Answer


def cursor(answer: Answer) -> str | None:
    """Return the cursor of the next page, which the ``Link`` header's address has."""
    found = parse_qs(urlsplit(answer.next_url or "").query).get("cursor")
    return found[0] if found else None
