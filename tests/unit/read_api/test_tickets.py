"""Tickets drawn: what is on them, whatever events are called, and as small files."""

import unicodedata
from xml.etree import ElementTree as ET

import pytest

from contracts.admission import Ticket, Tickets
from read_api import ticket_pdf, ticket_svg
from read_api.ticket_text import moment, seat_line, small_print
from read_api.tickets import _accepted

CODE = f"FR1:1:bk_{'A' * 36}:1:concert123:A2:{'x' * 86}"
SVG = "{http://www.w3.org/2000/svg}"


def _tickets(seats: int = 2, **changes: object) -> Tickets:
    about = Tickets(
        booking_id=f"bk_{'A' * 36}",
        issue=1,
        event_id="concert123",
        event_name="An evening",
        kind="concert",
        venue="Riverside Hall",
        place=None,
        date="2027-05-01T19:00:00Z",
        local_date="2027-05-01T21:00:00+02:00",
        time_zone="Europe/Vienna",
        origin=None,
        destination=None,
        departure=None,
        arrival=None,
        holder=None,
        tickets=[
            Ticket(seat_id=f"A{n}", section="stalls", row="A", category=None, numbered=True, code=CODE)
            for n in range(1, seats + 1)
        ],
    )
    return about.model_copy(update=changes)


NAMES = ["An evening", '<script>alert(1)</script> & "more"', "日本 Привет Ελλάδα", "x" * 200, "a\x00b\x1f"]


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_is_well_formed_whatever_the_event_is_called(name: str) -> None:
    drawing = ET.fromstring(ticket_svg.drawn(_tickets(event_name=name, holder=name)))  # noqa: S314 - our own
    tags = {element.tag.removeprefix(SVG) for element in drawing.iter()}
    assert tags == {"svg", "g", "rect", "text", "path"}, "nothing that could run, or that comes from elsewhere"


@pytest.mark.parametrize("name", NAMES)
def test_a_printed_ticket_is_made_whatever_the_event_is_called(name: str) -> None:
    made = ticket_pdf.drawn(_tickets(event_name=name, holder=name))
    assert made.startswith(b"%PDF-")
    assert made.count(b"/Type /Page\n") == 2, "a page a seat"
    assert len(made) < 100_000


def test_a_printed_ticket_has_no_letters_that_it_would_show_backwards() -> None:
    for font in ticket_pdf.fonts().values():
        letters = [chr(code) for code in font.face.charToGlyph if chr(code).isalpha()]
        assert letters
        assert not [letter for letter in letters if unicodedata.bidirectional(letter) in {"R", "AL"}]


def test_the_same_tickets_are_the_same_bytes() -> None:
    assert ticket_pdf.drawn(_tickets()) == ticket_pdf.drawn(_tickets())
    assert ticket_svg.drawn(_tickets()) == ticket_svg.drawn(_tickets())


def test_a_seat_is_named_as_far_as_it_has_names() -> None:
    ticket = _tickets().tickets[0]
    assert seat_line(ticket) == "Stalls · Row A, seat 1"
    assert seat_line(ticket.model_copy(update={"row": None, "category": "best"})) == "Stalls · Seat 1 · best"
    standing = ticket.model_copy(update={"numbered": False, "section": "floor", "category": "standing"})
    assert seat_line(standing) == "Floor · standing"


@pytest.mark.parametrize(
    ("section", "row", "seat_id", "line"),
    [
        ("stalls", "G", "S-G5", "Stalls · Row G, seat 5"),
        ("lower-north", "12", "LN-12-07", "Lower north · Row 12, seat 07"),
        ("coach_3", "3-", "3-11a", "Coach 3 · Row 3, seat a"),
        ("box~", None, "box~", "Box · Seat box~"),
        ("-", None, "7", "Seat 7"),
    ],
)
def test_a_seat_is_called_on_a_ticket_as_it_is_on_the_page(section: str, row: str, seat_id: str, line: str) -> None:
    ticket = _tickets().tickets[0].model_copy(update={"section": section, "row": row, "seat_id": seat_id})
    assert seat_line(ticket) == line


def test_a_ticket_keeps_the_id_of_its_seat_for_whoever_lets_people_in_by_hand() -> None:
    tickets = _tickets(1, tickets=[_tickets().tickets[0].model_copy(update={"seat_id": "S-G5"})])
    drawing = ET.fromstring(ticket_svg.drawn(tickets))  # noqa: S314 - our own
    assert "S-G5" in [element.text for element in drawing.iter(f"{SVG}text")]
    assert small_print(tickets, tickets.tickets[0]) == ["S-G5", f"bk_{'A' * 36} · 1"]
    standing = tickets.tickets[0].model_copy(update={"numbered": False})
    assert small_print(tickets, standing) == [f"bk_{'A' * 36} · 1"]


@pytest.mark.parametrize(
    ("date", "zone", "text"),
    [
        ("2027-05-01T19:00:00Z", "Europe/Vienna", "Sat 1 May 2027, 21:00 (Europe/Vienna, UTC+02:00)"),
        ("2027-01-01T02:30:00Z", "America/New_York", "Thu 31 Dec 2026, 21:30 (America/New_York, UTC-05:00)"),
        ("2027-03-28T00:59:00Z", "Europe/Vienna", "Sun 28 Mar 2027, 01:59 (Europe/Vienna, UTC+01:00)"),
    ],
)
def test_a_moment_is_told_as_clocks_there_show_it(date: str, zone: str, text: str) -> None:
    assert moment(date, zone) == text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "svg"),
        ("*/*", "svg"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "svg"),
        ("application/pdf", "pdf"),
        ("application/json;q=0.9, application/pdf;q=0.8", "json"),
        ("application/pdf;q=0", "svg"),
        ("application/pdf;q=x", "svg"),
    ],
)
def test_accept_says_which_form(accept: str, kind: str) -> None:
    assert _accepted(accept) == kind
