"""The page rests on the API alone: every path that it calls is in the published document."""

import json
import re
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[3]
DOCUMENT: Final = json.loads((CHECKOUT / "gateway" / "static" / "openapi.json").read_text())
_CALL: Final = re.compile(r'["`]((?:/api/|/health|\$\{path\}/)[^"`\s]*)["`]')
_FILLED: Final = re.compile(r"\$\{[^}]*\}")
EXPORT: Final = "/api/events/{}/bookings.csv"
"""The same page as ``Accept: text/csv`` of the bookings, under a name that a link can have."""


def _calls() -> set[str]:
    calls = set()
    for source in (CHECKOUT / "web" / "src").rglob("*.ts*"):
        for found in _CALL.findall(source.read_text()):
            path = found.partition("?")[0]
            of = "/api/bookings/{}" if source.name in {"Booking.tsx", "Ticket.tsx"} else "/api/events/{}"
            calls.add(_FILLED.sub("{}", path.replace("${path}", of)))
    return calls


def test_every_path_that_the_page_calls_is_in_the_document() -> None:
    known = {re.sub(r"\{[^}]*\}", "{}", path) for path in DOCUMENT["paths"]} | {EXPORT}
    calls = {call for call in _calls() if call not in {"/api/", "/health"}}
    # What is chosen at run time among a few: open, close, cancel; block, release.
    chosen = {"/api/events/{}/{}"}
    assert len(calls) > 20
    assert calls - known - chosen == set()
